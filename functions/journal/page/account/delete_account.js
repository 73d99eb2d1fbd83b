/** Deletes the account or, in a journal without accounts, all of its data. The user types a confirmation. */

import { h } from "../common/dom.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";

/**
 * @param {string | null} email null in a journal without accounts, which becomes empty
 * @param {() => unknown} onDeleted
 */
export function deleteForm(email, onDeleted) {
  const confirmation = email ?? "delete";
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const submit = h(
    "button",
    { type: "submit", class: "primary danger", disabled: true },
    "Delete everything permanently",
  );
  const field = h("input", { class: "field", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  field.addEventListener("input", () => {
    submit.disabled = field.value.trim() !== confirmation;
  });
  const onsubmit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await (email ? api.deleteAccount() : api.deleteEverything());
      onDeleted();
    } catch (error) {
      problem.textContent = messageOf(error);
      problem.hidden = submit.disabled = false;
    }
  };
  const deleted = email
    ? "All entries, recordings, exports and API keys are deleted within minutes."
    : "All entries, recordings and exports are deleted.";
  const label = h("span", {}, "Type ", h("strong", {}, confirmation), " to confirm");
  return [
    h("p", {}, `${deleted} This cannot be undone. Consider exporting everything first.`),
    h(
      "details",
      { class: "delete-account" },
      h("summary", {}, email ? "Delete my account" : "Delete my journal"),
      h(
        "form",
        { class: "form", onsubmit },
        h("label", { class: "labelled" }, label, field),
        problem,
        h("div", { class: "actions" }, submit),
      ),
    ),
  ];
}
