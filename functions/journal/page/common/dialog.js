/** The confirmation dialog. */

import { byId, dialogById } from "./dom.js";

/**
 * Ask before doing something with consequences; resolves to whether the user confirmed.
 *
 * @param {string} question
 * @param {string} consequences
 * @param {string} action the label of the button that confirms
 * @returns {Promise<boolean>}
 */
export function confirm(question, consequences, action) {
  const dialog = dialogById("confirm");
  byId("confirm-question").textContent = question;
  byId("confirm-consequences").textContent = consequences;
  byId("confirm-yes").textContent = action;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

export function prepare() {
  const dialog = dialogById("confirm");
  byId("confirm-yes").addEventListener("click", () => dialog.close("yes"));
  byId("confirm-no").addEventListener("click", () => dialog.close());
}
