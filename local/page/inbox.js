// The list of conversations.

import { get } from "./api.js";
import { byId, element, show } from "./dom.js";

const TIME = new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit" });

export async function update(openId, onOpen) {
  const { items } = await get("/conversations");
  show("inbox-empty", items.length === 0);
  byId("conversations").replaceChildren(...items.map((item) => row(item, item.id === openId, onOpen)));
  return items.find((item) => item.id === openId);
}

export function nameOf({ contact }) {
  return contact.name || (contact.phone ? `+${contact.phone}` : "Pelanggan");
}

function row(conversation, isOpen, onOpen) {
  const at = conversation.last_message_at;
  const marks = element("span", { className: "marks" });
  if (conversation.handling === "human") marks.append(element("span", { className: "badge", text: "manusia" }));
  if (conversation.unread > 0) marks.append(element("span", { className: "unread", text: conversation.unread }));
  const button = element(
    "button",
    { className: "conversation", onclick: () => onOpen(conversation) },
    element("strong", { text: nameOf(conversation) }),
    element("time", { text: at ? TIME.format(new Date(at)) : "" }),
    element("span", { className: "preview", text: conversation.last_message_preview ?? "" }),
    marks,
  );
  if (isOpen) button.setAttribute("aria-current", "true");
  return element("li", {}, button);
}
