/** The form for editing an entry's text. */

import { button, h } from "../common/dom.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";

/**
 * @param {string} text
 * @param {{ hint: string | null, onSave: (text: string) => Promise<void>, onCancel: () => void }} options if
 *   `onSave` rejects, the error is shown and the form stays
 */
export function editor(text, { hint, onSave, onCancel }) {
  const field = h("textarea", { id: "words", class: "paper", dir: "auto", rows: 8, required: true });
  field.value = text;
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const save = h("button", { class: "primary", type: "submit" }, t("common.save"));
  const onsubmit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      await onSave(field.value);
    } catch (error) {
      problem.textContent = messageOf(error);
      problem.hidden = false;
    } finally {
      save.disabled = false;
    }
  };
  return h(
    "form",
    { class: "editor", onsubmit },
    h("label", { for: "words" }, h("h2", {}, t("entry.edit_text"))),
    field,
    hint && h("p", { class: "quiet-text" }, hint),
    problem,
    h("div", { class: "actions" }, save, button(t("common.cancel"), onCancel)),
  );
}
