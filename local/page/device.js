// The card of the shop's WhatsApp: its state, the QR while it is being linked, connect and disconnect.

import { get, post } from "./api.js";
import { byId, run, show } from "./dom.js";

const STATES = {
  disconnected: "belum tersambung",
  linking: "menunggu QR",
  connected: "tersambung",
  reconnecting: "memulihkan",
  logged_out: "dikeluarkan",
  banned: "dibatasi",
  replaced: "dipakai di tempat lain",
  link_expired: "QR kedaluwarsa",
  failed: "gagal",
};
const LINKED = new Set(["connected", "reconnecting"]);

let phoneUrl = "";
let expiresAt = null;

export function start(pretendPhoneUrl) {
  phoneUrl = pretendPhoneUrl;
  byId("connect").onclick = ({ target }) => run(target, async () => draw(await post("/device/connect", { method: "qr" })));
  byId("disconnect").onclick = ({ target }) => run(target, async () => draw(await post("/device/disconnect")));
  setInterval(countDown, 500);
}

export async function update() {
  draw(await get("/device/status"));
}

function draw(device) {
  const state = byId("device-state");
  state.textContent = STATES[device.state] ?? device.state;
  state.dataset.state = device.state;
  const number = LINKED.has(device.state) && device.phone ? ` Nomor: +${device.phone}.` : "";
  byId("device-message").textContent = device.message + number;
  drawQr(device);
  show("connect", !LINKED.has(device.state) && device.state !== "linking");
  show("disconnect", LINKED.has(device.state) || device.state === "linking");
  byId("disconnect").textContent = device.state === "linking" ? "Batal" : "Putuskan";
}

function drawQr({ qr, qr_svg: svg, qr_expires_at: expiry }) {
  expiresAt = qr ? Date.parse(expiry) : null;
  show("qr-box", Boolean(qr));
  if (!qr) return;
  byId("qr").src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  byId("qr-phone").href = `${phoneUrl}#scan=${encodeURIComponent(qr)}`;
  show("qr-phone", Boolean(phoneUrl));
  countDown();
}

function countDown() {
  if (expiresAt === null) return;
  const seconds = Math.max(0, Math.round((expiresAt - Date.now()) / 1000));
  byId("qr-countdown").textContent = seconds > 0 ? `Berlaku ${seconds} detik lagi.` : "Menunggu QR berikutnya …";
}
