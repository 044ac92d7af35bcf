// One open conversation: its messages with ticks, a human's reply, takeover and release.

import { get, post, remove } from "./api.js";
import { byId, element, run, show } from "./dom.js";
import { nameOf } from "./inbox.js";

const TIME = new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit" });
const AUTHORS = { ai: "AI", human: "Anda", owner_phone: "HP toko", system: "Balas" };
const TICKS = {
  draft: ["draf", "draf"],
  pending: ["◷", "menunggu dikirim"],
  sent: ["✓", "terkirim"],
  delivered: ["✓✓", "sampai"],
  read: ["✓✓", "dibaca"],
  in_doubt: ["?", "tidak pasti terkirim"],
  failed: ["!", "gagal"],
  cancelled: ["×", "dibatalkan"],
};
const KINDS = {
  image: "Gambar", audio: "Suara", video: "Video", document: "Dokumen", sticker: "Stiker", location: "Lokasi",
  contact: "Kontak", reaction: "Reaksi", poll: "Polling", gap: "Ada pesan yang tidak tersimpan",
  unreadable: "Pesan tidak terbaca", other: "Pesan jenis lain",
};

let handovers = {};
let openId = null;
let drawn = "";
let changed = async () => {};

export const openConversation = () => openId;

export function start(sentences, onChange) {
  handovers = sentences;
  changed = onChange;
  byId("back").onclick = close;
  byId("takeover").onclick = ({ target }) => act(target, "takeover", onChange);
  byId("release").onclick = ({ target }) => act(target, "release", onChange);
  byId("reply").onsubmit = (event) => {
    event.preventDefault();
    const form = event.target;
    run(form.querySelector("button"), () => reply(form, onChange));
  };
}

export function open(conversation) {
  openId = conversation.id;
  drawn = "";
  byId("messages").replaceChildren();
  byId("reply").reset();
  show("chat", true);
  byId("desk").dataset.view = "chat";
  drawHead(conversation);
}

export function close() {
  openId = null;
  show("chat", false);
  byId("desk").dataset.view = "list";
}

export async function update(conversation) {
  if (!openId || !conversation) return;
  const { items } = await get(`/conversations/${openId}/messages`);
  if (conversation.id !== openId) return;
  drawHead(conversation);
  drawMessages(items.toReversed());
}

function drawHead(conversation) {
  const byHuman = conversation.handling === "human";
  byId("chat-name").textContent = nameOf(conversation);
  byId("chat-handling").textContent = byHuman ? "dipegang manusia" : "dijawab AI";
  show("takeover", !byHuman);
  show("release", byHuman);
  const reason = conversation.handover?.reason;
  byId("handover-note").textContent = reason ? (handovers[reason] ?? reason) : "";
  show("handover-note", Boolean(reason));
}

// Redraws only when something changed, so that what one selects or reads stays where it is.
function drawMessages(messages) {
  const state = JSON.stringify(messages);
  if (state === drawn) return;
  drawn = state;
  const list = byId("messages");
  list.replaceChildren(...messages.map(bubble));
  list.scrollTop = list.scrollHeight;
}

function bubble(message) {
  const label = KINDS[message.kind];
  const text = [label && `[${label}]`, message.text].filter(Boolean).join(" ");
  const foot = [AUTHORS[message.author], TIME.format(new Date(message.sent_at))].filter(Boolean).join(" · ");
  const item = element("li", { className: message.direction }, element("p", { text }), element("small", { text: foot }));
  const tick = message.direction === "out" && TICKS[message.status];
  if (tick) {
    const mark = element("span", { className: `tick ${message.status}`, text: ` ${tick[0]}`, title: tick[1] });
    mark.setAttribute("aria-label", tick[1]);
    item.lastChild.append(mark);
  }
  if (message.status === "draft") item.append(proposal(message));
  if (message.reason) item.append(element("small", { className: "reason", text: message.reason }));
  return item;
}

// What the agent proposes in a shop whose owner sends himself.
function proposal(message) {
  const path = `/conversations/${openId}/messages/${message.id}`;
  const button = (text, className, action) =>
    element("button", { text, className, onclick: ({ target }) => run(target, () => action().then(changed)) });
  const send = button("Kirim", "", () => post(`${path}/send`));
  return element("div", { className: "actions" }, send, button("Buang", "plain", () => remove(path)));
}

function act(button, verb, onChange) {
  run(button, async () => {
    await post(`/conversations/${openId}/${verb}`);
    await onChange();
  });
}

// The id is made here, once per text: a repeated request is the same reply.
async function reply(form, onChange) {
  const text = form.elements.text.value.trim();
  if (!text) return;
  form.dataset.id ||= crypto.randomUUID();
  await post(`/conversations/${openId}/messages`, { id: form.dataset.id, text });
  delete form.dataset.id;
  form.reset();
  await onChange();
}
