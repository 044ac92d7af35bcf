// The customers' phone: any number of customers, one at a time, chatting with a shop.
import { createChat } from '/phone/chat.js'

const STORE = 'customers'
const FIRST = [{ phone: '6281300000001', name: 'Pelanggan Satu' }]
const byId = (id) => document.getElementById(id)

export function createCustomer(isVisible) {
  let mine = JSON.parse(localStorage.getItem(STORE) ?? 'null') ?? FIRST
  let me = mine[0], shop = null, shown = ''
  const chat = createChat(byId('customer-chat'), {
    isOpen: isVisible, emptyText: 'Tautkan dulu perangkat di HP Toko, lalu chat dari sini.',
  })

  async function refresh(accounts) {
    const shops = accounts.filter((account) => account.companions.length)
    const others = accounts.filter(({ phone, companions }) => !companions.length && !mine.some((one) => one.phone === phone))
    const customers = [...mine, ...others].filter(({ phone }) => !shops.some((one) => one.phone === phone))
    shop = shops.find(({ phone }) => phone === shop?.phone) ?? shops[0] ?? null
    fill('customer-phone', customers.map(({ name, phone }) => [`${name} · +${phone}`, phone]), me.phone)
    fill('customer-shop', shops.length ? shops.map(({ name, phone }) => [`${name} · +${phone}`, phone]) : [['Belum ada toko', '']], shop?.phone)
    await draw()
  }

  async function draw() {
    const pair = `${me.phone} ${shop?.phone}`
    if (pair === shown) return
    shown = pair
    await chat.show(me, shop)
  }

  function remember(customer) {
    me = customer
    mine = [customer, ...mine.filter(({ phone }) => phone !== customer.phone)]
    localStorage.setItem(STORE, JSON.stringify(mine))
    document.dispatchEvent(new Event('refresh'))
  }

  byId('customer-phone').addEventListener('change', (event) => {
    const [name] = event.target.selectedOptions[0].textContent.split(' · ')
    remember({ phone: event.target.value, name })
  })
  byId('customer-shop').addEventListener('change', (event) => {
    shop = { phone: event.target.value }
    document.dispatchEvent(new Event('refresh'))
  })
  byId('new-customer').addEventListener('click', () => {
    const form = byId('customer-form')
    form.hidden = !form.hidden
    const next = mine.length + 1
    form.phone.value = `62813${String(next).padStart(8, '0')}`
    form.name.value = `Pelanggan ${next}`
    form.name.focus()
  })
  byId('customer-form').addEventListener('submit', (event) => {
    event.preventDefault()
    event.target.hidden = true
    remember({ phone: event.target.phone.value.replace('+', ''), name: event.target.name.value.trim() })
  })

  return { refresh, hear: chat.hear, redraw: chat.refresh }
}

function fill(id, options, chosen) {
  const select = byId(id)
  if (document.activeElement === select) return
  select.replaceChildren(...options.map(([text, value]) => new Option(text, value, false, value === chosen)))
}
