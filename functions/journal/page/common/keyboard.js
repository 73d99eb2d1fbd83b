/** Single-key shortcuts. They can be turned off, because they conflict with speech input. */

import { t } from "../texts/texts.js";
import { byId, dialogById, h } from "./dom.js";

const STORAGE_KEY = "samo.keys";
const SHORTCUTS = [
  ["n", t("common.new_entry")],
  ["/", t("common.search")],
  [t("common.j_or_k_or"), t("common.next_previous_in_a_list")],
  [t("common.enter"), t("common.open")],
  [t("common.space"), t("common.play_or_pause_the_recording")],
  ["c", t("common.calendar")],
  [t("common.esc"), t("common.back_to_the_journal")],
  ["?", t("common.show_these_shortcuts")],
];

export const isEnabled = () => localStorage.getItem(STORAGE_KEY) !== "off";

/** @param {boolean} enabled */
export const setEnabled = (enabled) =>
  enabled ? localStorage.removeItem(STORAGE_KEY) : localStorage.setItem(STORAGE_KEY, "off");

/**
 * Listen for shortcuts.
 *
 * @param {Record<string, () => unknown>} actions by key; an action that returns false leaves the key to the browser
 */
export function listen(actions) {
  fillDialog();
  /** @type {Record<string, () => unknown>} */
  const all = { "?": () => dialogById("shortcuts").showModal(), ...actions };
  addEventListener("keydown", (event) => {
    const action = all[event.key];
    if (!action || !isEnabled() || isModified(event) || isTaken(event)) return;
    if (action() !== false) event.preventDefault();
  });
}

/** @param {KeyboardEvent} event */
const isModified = ({ ctrlKey, altKey, metaKey, defaultPrevented }) => ctrlKey || altKey || metaKey || defaultPrevented;

/** Whether the focused element needs the key itself. @param {KeyboardEvent} event */
function isTaken({ target, key }) {
  if (document.querySelector("dialog[open]")) return true;
  if (!(target instanceof Element)) return false;
  const field = target.closest("input, textarea, select, [contenteditable]");
  if (field) return key !== "Escape" || ("value" in field && Boolean(field.value));
  return key === " " && target.closest("button, a, summary, [role=button]") !== null;
}

/**
 * Move the focus by one within a list; returns false if the list is empty.
 *
 * @param {HTMLElement[]} items
 * @param {number} by 1 or -1
 */
export function moveFocus(items, by) {
  if (items.length === 0) return false;
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const first = by > 0 ? 0 : items.length - 1;
  items[at < 0 ? first : Math.min(Math.max(at + by, 0), items.length - 1)].focus();
  return true;
}

function fillDialog() {
  const dialog = dialogById("shortcuts");
  const close = h(
    "button",
    { type: "button", class: "plain", onclick: () => dialog.close(), autofocus: true },
    t("common.close"),
  );
  const rows = SHORTCUTS.flatMap(([keys, label]) => [h("dt", {}, ...keyLabels(keys)), h("dd", {}, label)]);
  byId("shortcuts").replaceChildren(
    h("h2", { id: "shortcuts-title" }, t("common.shortcuts")),
    h("dl", { class: "shortcuts" }, ...rows),
    h("p", {}, t("common.you_can_turn_them_off_in")),
    h("div", { class: "actions" }, close),
  );
}

/** @param {string} keys such as "j or ↓, k or ↑" */
const keyLabels = (keys) =>
  keys.split(/( or |, )/).map((part) => (/^( or |, )$/.test(part) ? part : h("kbd", {}, part)));
