/** A form over an entry's words. */

import { button, h } from "../common/dom.js";

/** `onSave` may reject; its message is then shown and the words stay. */
export function editor(text, { hint, onSave, onCancel }) {
  const words = h("textarea", { id: "words", class: "paper", rows: 8, required: true });
  words.value = text;
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const save = h("button", { class: "primary", type: "submit" }, "Save");
  const submit = async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      await onSave(words.value);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      save.disabled = false;
    }
  };
  return h(
    "form",
    { class: "editor", onsubmit: submit },
    h("label", { for: "words" }, h("h2", {}, "The words as they should be")),
    words,
    hint && h("p", { class: "quiet-text" }, hint),
    problem,
    h("div", { class: "actions" }, save, button("Cancel", onCancel)),
  );
}
