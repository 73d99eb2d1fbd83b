/** A question with consequences. */

import { byId } from "./dom.js";

/** Resolves to whether the person said yes. */
export function ask(question, consequences, yes) {
  const dialog = byId("ask");
  byId("ask-question").textContent = question;
  byId("ask-consequences").textContent = consequences;
  byId("ask-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

export function prepare() {
  const dialog = byId("ask");
  byId("ask-yes").addEventListener("click", () => dialog.close("yes"));
  byId("ask-no").addEventListener("click", () => dialog.close());
}
