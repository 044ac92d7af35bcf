// The shop owner's phone: links devices, lists them, and reads and writes the shop's chats.
import { call } from '/phone/api.js'
import { createChat, preview } from '/phone/chat.js'

const FIRST_SHOP = { phone: '6281200000001', name: 'Warung Contoh' }
const SENTENCES = [
  [/expired/, 'Kode QR sudah kedaluwarsa. Tampilkan kode baru lalu scan lagi.'],
  [/no WhatsApp QR|damaged/, 'Ini bukan teks kode QR yang utuh. Salin seluruh teksnya.'],
  [/four linked/, 'Sudah ada empat perangkat tertaut. Keluarkan satu dulu.'],
  [/no device asks/, 'Belum ada perangkat yang meminta kode untuk nomor ini.'],
  [/code is wrong/, 'Kode salah. Ketik kode yang tampil di layar.'],
  [/phone number/, 'Nomor harus angka dengan kode negara, misalnya 6281200000001.'],
  [/did not answer|refused/, 'Perangkat tidak menjawab. Tampilkan kode baru lalu coba lagi.'],
]
const byId = (id) => document.getElementById(id)
const explain = (error) => SENTENCES.find(([pattern]) => pattern.test(error.message))?.[1] ?? error.message

export function createOwner(isVisible) {
  let shop = null, isChatOpen = false, linkedCount = 0
  const chat = createChat(byId('owner-chat'), {
    isOpen: () => isChatOpen && isVisible(), onBack: () => openChat(null), emptyText: 'Pilih chat.',
  })

  async function refresh(accounts) {
    const linked = accounts.filter((account) => account.companions.length)
    const known = linked.length ? linked : accounts.filter((account) => account.phone === FIRST_SHOP.phone)
    shop = known.find((account) => account.phone === shop?.phone) ?? known[0] ?? null
    drawShops(known)
    drawDevices(shop?.companions ?? [])
    drawChats(shop ? (await call('chats', { phone: shop.phone })).chats : [])
  }

  function drawShops(known) {
    const select = byId('owner-shop')
    select.hidden = known.length < 2
    select.replaceChildren(...known.map(({ name, phone }) => new Option(name, phone, false, phone === shop?.phone)))
    const count = shop?.companions.length ?? 0
    byId('owner-line').textContent = count ? `${shop.name} · +${shop.phone}` : 'Belum ada perangkat tertaut'
    if (count !== linkedCount) byId('scan-card').open = !count
    linkedCount = count
  }

  function drawDevices(companions) {
    const rows = companions.map((companion) => row([
      Object.assign(document.createElement('span'), { className: `dot ${companion.is_active ? 'on' : ''}` }),
      lines('grow', `Perangkat ${companion.device} · ${companion.platform}`,
        companion.is_active ? 'tersambung' : companion.waiting ? `tidak tersambung · ${companion.waiting} menunggu` : 'tidak tersambung'),
      button('danger', 'Keluarkan', () => call('unlink', { phone: shop.phone, device: companion.device })),
    ]))
    byId('devices').replaceChildren(...(rows.length ? rows : [row(['Belum ada.'], 'empty')]))
  }

  function drawChats(chats) {
    const rows = chats.map((partner) => {
      const open = button('open', '', () => openChat(partner))
      open.append(...lines('', partner.name, preview(partner.last)).childNodes)
      const badge = Object.assign(document.createElement('span'), { className: 'badge', textContent: partner.unread })
      return row(partner.unread ? [open, badge] : [open])
    })
    byId('owner-chats').replaceChildren(...(rows.length ? rows : [row(['Belum ada chat.'], 'empty')]))
  }

  async function openChat(partner) {
    isChatOpen = Boolean(partner)
    byId('owner-home').hidden = isChatOpen
    byId('owner-chat').hidden = !isChatOpen
    await chat.show(shop, partner)
  }

  function prefill(qr) {
    const form = byId('scan')
    if (qr) form.qr.value = qr
    byId('scan-card').open ||= Boolean(qr)
    form.phone.value ||= shop?.phone ?? FIRST_SHOP.phone
    form.name.value ||= shop?.name ?? FIRST_SHOP.name
    byId('enter-code').phone.value ||= form.phone.value
    if (qr) form.querySelector('.primary').focus()
  }

  submit('scan', (form) => call('scan', { qr: form.qr.value, phone: form.phone.value, name: form.name.value.trim() }), (form) => { form.qr.value = '' })
  submit('enter-code', (form) => call('enter_code', { phone: form.phone.value, code: form.code.value }), (form) => { form.code.value = '' })
  byId('owner-shop').addEventListener('change', (event) => {
    shop = { phone: event.target.value }
    openChat(null)
    document.dispatchEvent(new Event('refresh'))
  })

  return { refresh, prefill, hear: chat.hear, redraw: chat.refresh }
}

function submit(id, attempt, clear) {
  const form = byId(id), result = byId(`${id}-result`)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const press = form.querySelector('.primary')
    press.disabled = true
    result.className = 'result'
    result.textContent = ''
    try {
      await attempt(form)
      result.className = 'result ok'
      result.textContent = 'Perangkat tertaut. Sekarang coba chat sebagai pelanggan.'
      clear(form)
    } catch (error) {
      result.textContent = explain(error)
    }
    press.disabled = false
  })
}

function row(children, className = '') {
  const item = Object.assign(document.createElement('li'), { className })
  item.append(...children)
  return item
}

function lines(className, first, second) {
  const box = Object.assign(document.createElement('div'), { className })
  box.append(Object.assign(document.createElement('span'), { textContent: first }), Object.assign(document.createElement('small'), { textContent: second }))
  return box
}

function button(className, text, onClick) {
  const element = Object.assign(document.createElement('button'), { className, textContent: text, type: 'button' })
  element.addEventListener('click', onClick)
  return element
}
