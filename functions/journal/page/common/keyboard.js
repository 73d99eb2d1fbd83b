/** Single keys for what is done often. They can be turned off, for those who speak to their computer. */

import { byId, h } from "./dom.js";

const OFF = "samo.keys";
const SHOWN = [
  ["n", "New entry"],
  ["/", "Search"],
  ["j or ↓, k or ↑", "Next, previous in a list"],
  ["Enter", "Open"],
  ["Space", "Play or pause the recording"],
  ["c", "Calendar"],
  ["Esc", "Back to the journal"],
  ["?", "These shortcuts"],
];

export const enabled = () => localStorage.getItem(OFF) !== "off";

export const enable = (on) => (on ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "off"));

/** `actions`: what each key does; one that answers false leaves the key to the browser. */
export function listen(actions) {
  fill();
  const all = { "?": () => byId("shortcuts").showModal(), ...actions };
  addEventListener("keydown", (event) => {
    const action = all[event.key];
    if (!action || !enabled() || modified(event) || occupied(event)) return;
    if (action() !== false) event.preventDefault();
  });
}

const modified = ({ ctrlKey, altKey, metaKey, defaultPrevented }) => ctrlKey || altKey || metaKey || defaultPrevented;

/** Whether whatever has the focus needs the key itself. */
function occupied({ target, key }) {
  if (document.querySelector("dialog[open]")) return true;
  if (target.closest("input, textarea, select, [contenteditable]")) return key !== "Escape" || Boolean(target.value);
  return key === " " && Boolean(target.closest("button, a, summary, [role=button]"));
}

/** Move the focus by one among `items`; answers false where there are none. */
export function step(items, by) {
  if (items.length === 0) return false;
  const at = items.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(at + by, 0), items.length - 1);
  items[next].focus();
  return true;
}

function fill() {
  const rows = SHOWN.flatMap(([keys, what]) => [h("dt", {}, ...keysOf(keys)), h("dd", {}, what)]);
  const dialog = byId("shortcuts");
  const close = h("button", { type: "button", class: "plain", onclick: () => dialog.close(), autofocus: true }, "Close");
  const list = h("dl", { class: "shortcuts" }, ...rows);
  const where = h("p", {}, "They can be turned off in the settings.");
  dialog.replaceChildren(h("h2", { id: "shortcuts-title" }, "Shortcuts"), list, where, h("div", { class: "actions" }, close));
}

const keysOf = (text) => text.split(/( or |, )/).map((part) => (/^( or |, )$/.test(part) ? part : h("kbd", {}, part)));
