// One chat on one pretend phone: bubbles, ticks, typing, and a line to write on.
import { call } from '/phone/api.js'

const TICKS = { sent: '✓', delivered: '✓✓', read: '✓✓' }
const TICK_NAMES = { sent: 'terkirim', delivered: 'sampai', read: 'dibaca' }
const KINDS = { image: '📷 Gambar', video: '🎬 Video', audio: '🎤 Suara', document: '📄 Dokumen', sticker: 'Stiker', location: '📍 Lokasi', contact: '👤 Kontak', reaction: 'Reaksi', poll: '📊 Polling' }
const TYPING_LASTS_MS = 12_000
const pictures = new Map()

export const preview = (message) => message.text || KINDS[message.type] || '(pesan kosong)'

// `isOpen()` says whether a person looks at this chat now; `onBack` shows a way back.
export function createChat(root, { isOpen, onBack, emptyText }) {
  root.append(document.querySelector('#chat-template').content.cloneNode(true))
  const at = (selector) => root.querySelector(selector)
  const bubbles = at('.bubbles'), input = at('.write textarea'), result = at('.result')
  let me = null, other = null, typingTimer, lastTyped = 0

  async function show(mine, partner) {
    me = mine
    other = partner
    at('.chat-head').hidden = !onBack
    at('.with').textContent = other?.name ?? ''
    at('.number').textContent = other ? `+${other.phone}` : ''
    at('.write').hidden = !other
    setTyping(false)
    result.textContent = ''
    await refresh()
  }

  async function refresh() {
    if (!me || !other) return bubbles.replaceChildren(note(emptyText))
    const pair = `${me.phone} ${other.phone}`
    const { messages } = await call('messages', { from: me.phone, to: other.phone })
    if (pair !== `${me?.phone} ${other?.phone}`) return
    bubbles.replaceChildren(...(messages.length ? messages.map(bubble) : [note('Belum ada pesan. Tulis yang pertama!')]))
    bubbles.scrollTop = bubbles.scrollHeight
    const unread = messages.some((message) => message.to === me.phone && message.status !== 'read')
    if (unread && isOpen()) await call('read', { from: me.phone, to: other.phone })
  }

  function bubble(message) {
    const item = document.createElement('li')
    const isMine = message.from === me.phone
    item.classList.toggle('mine', isMine)
    item.dataset.id = message.id
    if (isMine && message.author === 'companion') item.append(span('who', 'dijawab perangkat tertaut'))
    if (message.type === 'image') item.append(picture(message.id))
    item.append(message.type === 'image' ? message.text : preview(message), meta(message, isMine))
    return item
  }

  function meta(message, isMine) {
    const box = span('meta', new Date(message.ts * 1000).toLocaleTimeString('id-ID', { hour: '2-digit', minute: '2-digit' }))
    if (isMine) {
      const tick = span(`tick ${message.status}`, TICKS[message.status])
      tick.title = tick.ariaLabel = TICK_NAMES[message.status]
      tick.setAttribute('role', 'img')
      box.append(tick)
    }
    return box
  }

  function picture(id) {
    const image = document.createElement('img')
    image.alt = 'Gambar'
    image.addEventListener('load', () => { bubbles.scrollTop = bubbles.scrollHeight })
    if (!pictures.has(id)) pictures.set(id, call('media', { id }))
    pictures.get(id).then(({ mimetype, data }) => { image.src = `data:${mimetype};base64,${data}` }, () => pictures.delete(id))
    return image
  }

  function setTyping(on) {
    clearTimeout(typingTimer)
    at('.typing').hidden = !on
    if (on) typingTimer = setTimeout(() => setTyping(false), TYPING_LASTS_MS)
  }

  // Takes one event of the emulator; true if the chat must be drawn anew.
  function hear(event) {
    if (!me || !other || ![event.from, event.to].includes(me.phone) || ![event.from, event.to].includes(other.phone)) return false
    if (event.kind === 'typing' && event.from === other.phone) setTyping(event.state !== 'paused')
    if (['message', 'sent'].includes(event.kind) && event.from === other.phone) setTyping(false)
    return ['message', 'sent', 'receipt'].includes(event.kind)
  }

  async function send(name, body) {
    try {
      await call(name, { from: me.phone, to: other.phone, name: me.name, ...body })
      result.textContent = ''
      return true
    } catch (error) {
      result.textContent = error.message
      return false
    }
  }

  at('.write').addEventListener('submit', async (event) => {
    event.preventDefault()
    const text = input.value.trim()
    if (!text) return
    input.value = ''
    grow()
    lastTyped = 0
    if (!await send('send_text', { text })) input.value = text
  })
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    at('.write').requestSubmit()
  })
  input.addEventListener('input', () => {
    grow()
    if (Date.now() - lastTyped < 5000) return
    lastTyped = Date.now()
    send('typing', {})
  })
  at('.attach input').addEventListener('change', async (event) => {
    const [file] = event.target.files
    event.target.value = ''
    if (file) await send('send_image', { data: await base64(file), caption: input.value.trim() }) && (input.value = '')
  })
  at('.back').addEventListener('click', () => onBack?.())

  function grow() {
    input.style.height = 'auto'
    input.style.height = `${input.scrollHeight + 2}px`
  }

  return { show, refresh, hear }
}

function note(text) {
  const item = document.createElement('li')
  item.className = 'empty'
  item.textContent = text
  return item
}

function span(className, text) {
  const element = document.createElement('span')
  element.className = className
  element.textContent = text
  return element
}

const base64 = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader()
  reader.onload = () => resolve(reader.result.split(',')[1])
  reader.onerror = () => reject(reader.error)
  reader.readAsDataURL(file)
})
