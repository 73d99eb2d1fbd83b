/** Deletes the account or, in a journal without accounts, all of its data. The user types a confirmation. */

import { h } from "../common/dom.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";

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
    t("account.delete_everything_permanently"),
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
    ? t("account.all_entries_recordings_exports_and_api")
    : t("account.all_entries_recordings_and_exports_are");
  const label = h("span", {}, t("account.type"), h("strong", {}, confirmation), t("account.to_confirm"));
  return [
    h("p", {}, t("account.this_cannot_be_undone_consider_exporting", { deleted })),
    h(
      "details",
      { class: "delete-account" },
      h("summary", {}, email ? t("account.delete_my_account") : t("account.delete_my_journal")),
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
