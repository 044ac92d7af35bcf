// The page: who is signed in, and a look at everything whenever something changed.

import * as account from "./account.js";
import { get, isSignedIn, refresh, signIn, signOut } from "./api.js";
import * as chat from "./chat.js";
import * as device from "./device.js";
import { byId, run, show, tellTrouble } from "./dom.js";
import * as inbox from "./inbox.js";
import * as orders from "./orders.js";
import * as realtime from "./realtime.js";

const LOOK_MS = 60000; // should an event be lost

let looking = null;
let isStale = false;

async function start() {
  const house = await (await fetch("/house.json")).json();
  byId("phone-link").href = house.phone_url;
  show("phone-link", Boolean(house.phone_url));
  show("model-note", !house.model);
  device.start(house.phone_url);
  chat.start(house.handovers, look);
  byId("login").onsubmit = (event) => enter(event, "/auth/login");
  byId("register").onsubmit = (event) => enter(event, "/auth/register");
  byId("logout").onclick = ({ target }) => run(target, leave);
  account.start(() => draw().catch(tellTrouble));
  await refresh().catch(() => {});
  await draw();
  setInterval(lookSoon, LOOK_MS);
  document.onvisibilitychange = lookSoon;
}

function enter(event, path) {
  event.preventDefault();
  const form = event.target;
  run(form.querySelector("button"), async () => {
    await signIn(path, Object.fromEntries(new FormData(form)));
    form.reset();
    await draw();
  });
}

async function leave() {
  chat.close();
  realtime.stop();
  await signOut().catch(() => {});
  await draw();
}

async function draw() {
  const signedIn = isSignedIn();
  show("welcome", !signedIn && !account.isOpen());
  show("desk", signedIn && !account.isOpen());
  show("logout", signedIn);
  account.drawHint(signedIn ? await get("/me") : null);
  byId("shop").textContent = signedIn ? ((await get("/ai-config")).business_name ?? "") : "";
  if (!signedIn) return realtime.stop();
  realtime.start(lookSoon);
  await look();
}

async function look() {
  await device.update();
  await orders.update(look);
  const openId = chat.openConversation();
  const conversation = await inbox.update(openId, (chosen) => {
    chat.open(chosen);
    look().catch(tellTrouble);
  });
  await chat.update(conversation);
}

// One look at a time; what changes meanwhile is seen by the next.
function lookSoon() {
  isStale = true;
  looking ??= lookWhileStale().finally(() => (looking = null));
}

async function lookWhileStale() {
  while (isStale && isSignedIn() && !document.hidden) {
    isStale = false;
    try {
      await look();
      tellTrouble(null);
    } catch (problem) {
      tellTrouble(problem);
      if (problem.status === 401) await draw().catch(() => {});
    }
  }
}

start().catch(tellTrouble);
