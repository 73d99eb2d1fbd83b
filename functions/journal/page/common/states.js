/** A page's worth of saying that there is nothing, or why not. */

import { button, h } from "./dom.js";
import { SignedOut, Unreachable } from "../server/errors.js";

/** A headline, a sentence, and what can be done. */
export const state = (headline, explanation, ...actions) =>
  h(
    "div",
    { class: "state" },
    h("p", { class: "state-head" }, headline),
    explanation && h("p", {}, explanation),
    actions.some(Boolean) && h("div", { class: "actions" }, ...actions),
  );

/** What went wrong, in the same form. */
export function failure(headline, error, retry) {
  const again = retry && !(error instanceof SignedOut) && button("Try again", retry, "plain");
  const head = error instanceof Unreachable && !navigator.onLine ? "You are offline" : headline;
  return state(head, error.message, again);
}

/** What stands where content is on its way. */
export const waiting = (label, rows = 3) =>
  h(
    "div",
    { class: "waiting", role: "status" },
    h("span", { class: "visually-hidden" }, label),
    ...Array.from({ length: rows }, () => h("span", { class: "bone", "aria-hidden": "true" })),
  );

/** A sheet under its own heading. */
export function section(title, content) {
  const id = `section-${title.toLowerCase().replaceAll(" ", "-")}`;
  return h("section", { class: "sheet", "aria-labelledby": id }, h("h2", { id }, title), content);
}
