// The emulator's control API, and its events as they happen.

export async function call(name, body = {}) {
  const response = await fetch(`/_emu/${name}`, { method: 'POST', body: JSON.stringify(body) })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}

// Calls `onEvents` with each batch of events, and `onOnline` with whether the emulator answers.
export async function follow(onEvents, onOnline) {
  let since = (await retry(() => call('state'), onOnline)).next
  for (;;) {
    const answer = await retry(() => call('events', { since, timeout: 25 }), onOnline)
    since = answer.next
    if (answer.events.length) onEvents(answer.events)
  }
}

async function retry(attempt, onOnline) {
  for (;;) {
    try {
      const answer = await attempt()
      onOnline(true)
      return answer
    } catch {
      onOnline(false)
      await new Promise((resolve) => setTimeout(resolve, 1500))
    }
  }
}
