// The orders that are not finished yet, and the buttons that move them on.

import { get, patch } from "./api.js";
import { byId, element, run, show } from "./dom.js";

const RUPIAH = new Intl.NumberFormat("id-ID", { style: "currency", currency: "IDR", maximumFractionDigits: 0 });
const NAMES = { draft: "belum dikonfirmasi", confirmed: "baru", processing: "disiapkan", ready: "siap" };
const STEPS = { confirmed: ["processing", "Siapkan"], processing: ["ready", "Siap"], ready: ["done", "Selesai"] };

export async function update(onChange) {
  const { items } = await get("/orders");
  const open = items.filter(({ status }) => status in NAMES);
  show("orders", open.length > 0);
  byId("order-list").replaceChildren(...open.map((order) => row(order, onChange)));
}

function row(order, onChange) {
  const who = order.contact.name || (order.contact.phone ? `+${order.contact.phone}` : "Pelanggan");
  const items = order.lines.map(({ qty, name, note }) => `${qty} x ${name}${note ? ` (${note})` : ""}`).join(", ");
  const where = order.fulfilment === "pickup" ? "Diambil sendiri" : [order.delivery_area, order.address].filter(Boolean).join(", ");
  return element(
    "li",
    {},
    element("strong", { text: who }),
    element("span", { className: "badge", text: NAMES[order.status] }),
    element("p", { text: [items, where].filter(Boolean).join(" · ") }),
    element("span", { className: "total", text: RUPIAH.format(order.total) }),
    buttons(order, onChange),
  );
}

function buttons(order, onChange) {
  const actions = element("div", { className: "actions" });
  const [next, label] = STEPS[order.status] ?? [];
  if (next) actions.append(button(label, "", order, next, onChange));
  actions.append(button("Batalkan", "plain", order, "cancelled", onChange));
  return actions;
}

function button(text, className, order, status, onChange) {
  const move = async () => {
    if (status === "cancelled" && !confirm("Batalkan pesanan ini?")) return;
    await patch(`/orders/${order.id}`, { status });
    await onChange();
  };
  return element("button", { text, className, onclick: ({ target }) => run(target, move) });
}
