// The live socket. An event only says that something changed, which is then fetched: so a lost one costs
// nothing but time, and a socket that opens counts as an event.

import { post } from "./api.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 10000;
const KEEP_ALIVE_MS = 5 * 60000; // API Gateway closes a socket that was idle for ten minutes

let socket = null;
let life = 0; // grows with each start and stop: what belongs to an earlier one ends
let pauseMs = FIRST_PAUSE_MS;

export function start(onEvent) {
  stop();
  pauseMs = FIRST_PAUSE_MS;
  connect(onEvent, life);
}

export function stop() {
  life += 1;
  socket?.close();
  socket = null;
}

async function connect(onEvent, mine) {
  if (mine !== life) return;
  try {
    const { ticket } = await post("/realtime/ticket");
    if (mine !== life) return;
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws?ticket=${encodeURIComponent(ticket)}`);
  } catch {
    return retry(onEvent, mine);
  }
  const opened = socket;
  const alive = setInterval(() => opened.readyState === WebSocket.OPEN && opened.send("{}"), KEEP_ALIVE_MS);
  opened.onopen = () => {
    pauseMs = FIRST_PAUSE_MS;
    onEvent();
  };
  opened.onmessage = onEvent;
  opened.onclose = () => {
    clearInterval(alive);
    retry(onEvent, mine);
  };
}

// Later each time, and never all browsers at once.
function retry(onEvent, mine) {
  setTimeout(() => connect(onEvent, mine), pauseMs * (0.5 + Math.random()));
  pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
}
