// Ties the two pretend phones to the emulator's events.
import { call, follow } from '/phone/api.js'
import { createCustomer } from '/phone/customer.js'
import { createOwner } from '/phone/owner.js'

const isShown = (id) => () => document.visibilityState === 'visible' && document.getElementById(id).offsetParent !== null
const owner = createOwner(isShown('owner'))
const customer = createCustomer(isShown('customer'))

async function refresh() {
  const { accounts } = await call('state')
  await Promise.all([owner.refresh(accounts), customer.refresh(accounts)])
}

function hear(events) {
  for (const phone of [owner, customer]) {
    if (events.map(phone.hear).some(Boolean)) phone.redraw()
  }
  if (events.some(({ kind }) => kind !== 'typing' && kind !== 'presence')) refresh()
}

function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1))
  owner.prefill(parts.get('scan'))
  showTab(parts.get('tab') ?? 'owner')
}

function showTab(name) {
  document.body.dataset.tab = name
  owner.redraw()
  customer.redraw()
}

for (const tab of document.querySelectorAll('.tabs button')) tab.addEventListener('click', () => showTab(tab.dataset.tab))
document.addEventListener('refresh', refresh)
document.addEventListener('visibilitychange', () => { customer.redraw() })
window.addEventListener('hashchange', readAddress)
await refresh().catch(() => {})
readAddress()
follow(hear, (isOnline) => { document.getElementById('offline').hidden = isOnline })
