// What a user does with a link that was mailed to him, and how he asks for one.

import { post } from "./api.js";
import { byId, run, show, tellTrouble } from "./dom.js";

const VIEWS = ["forgot", "reset", "verify", "account-done"];

let token = "";
let onClose = () => {};

export function start(close) {
  onClose = close;
  byId("forgot-open").onclick = () => open("forgot");
  byId("account-close").onclick = leave;
  onSubmit("forgot", async (form) => done((await post("/auth/forgot", fields(form))).message));
  onSubmit("reset", async (form) => {
    await post("/auth/reset", { token, ...fields(form) });
    done("Kata sandi baru tersimpan, dan semua perangkat sudah dikeluarkan. Silakan masuk.");
  });
  onSubmit("verify", async () => {
    await post("/auth/verify", { token });
    done("E-mail Anda sudah dipastikan. Terima kasih!");
  });
  byId("verify-resend").onclick = ({ target }) =>
    run(target, async () => (byId("verify-note-text").textContent = (await post("/auth/verify/resend")).message));
  window.addEventListener("hashchange", followLink);
  followLink();
}

export const isOpen = () => !byId("account").hidden;

export function drawHint(me) {
  show("verify-note", Boolean(me) && !me.email_verified);
}

// The token leaves the address bar at once, so that it is in no history and no screenshot.
function followLink() {
  const [, view, given] = location.hash.match(/^#(reset|verify)=(.+)$/) ?? [];
  if (!view) return;
  token = decodeURIComponent(given);
  history.replaceState(null, "", location.pathname);
  open(view);
}

function open(view) {
  tellTrouble(null);
  for (const each of VIEWS) show(each, each === view);
  show("account", true);
  show("welcome", false);
  show("desk", false);
  byId(view).querySelector("input")?.focus();
}

function done(sentence) {
  byId("account-done").textContent = sentence;
  open("account-done");
}

function leave() {
  token = "";
  for (const form of byId("account").querySelectorAll("form")) form.reset();
  show("account", false);
  tellTrouble(null);
  onClose();
}

function onSubmit(id, action) {
  byId(id).onsubmit = (event) => {
    event.preventDefault();
    run(event.target.querySelector("button"), () => action(event.target));
  };
}

const fields = (form) => Object.fromEntries(new FormData(form));
