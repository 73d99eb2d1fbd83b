/** Empty, error and loading states, and the sections of the settings. */

import { messageOf, SignedOut, Unreachable } from "../server/errors.js";
import { t } from "../texts/texts.js";
import { button, h } from "./dom.js";

/** @import { Child } from "./dom.js" */

/**
 * A headline, an explanation and actions.
 *
 * @param {string} headline
 * @param {string} explanation
 * @param {Child[]} actions
 */
export const emptyState = (headline, explanation, ...actions) =>
  h(
    "div",
    { class: "state" },
    h("p", { class: "state-head" }, headline),
    explanation && h("p", {}, explanation),
    actions.some(Boolean) && h("div", { class: "actions" }, ...actions),
  );

/**
 * @param {string} headline
 * @param {unknown} error
 * @param {() => unknown} [retry]
 */
export function errorState(headline, error, retry) {
  const offline = error instanceof Unreachable && !navigator.onLine;
  const again = retry && !(error instanceof SignedOut) && button(t("common.try_again"), retry, "plain");
  return emptyState(offline ? t("common.you_are_offline") : headline, messageOf(error), again);
}

/** Placeholder lines while content is loading. @param {string} label @param {number} [lines] */
export const loadingState = (label, lines = 3) =>
  h(
    "div",
    { class: "loading-state", role: "status" },
    h("span", { class: "visually-hidden" }, label),
    ...Array.from({ length: lines }, () => h("span", { class: "skeleton", "aria-hidden": "true" })),
  );

/** A section with its own heading. @param {string} title @param {Child | Child[]} content */
export function section(title, content) {
  const id = `section-${title.toLowerCase().replaceAll(" ", "-")}`;
  return h("section", { class: "sheet", "aria-labelledby": id }, h("h2", { id }, title), content);
}
