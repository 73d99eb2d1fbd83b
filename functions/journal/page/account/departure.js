/** Leaving for good: asked for in writing. */

import { h } from "../common/dom.js";
import * as api from "../server/api.js";

/** `word` has to be typed (the e-mail address); `onLeft` hears that the account is deleted. */
export function departure(word, onLeft) {
  const wanted = word ?? "delete";
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const go = h("button", { type: "submit", class: "primary danger", disabled: true }, "Delete everything for good");
  const typed = h("input", {
    class: "field",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    oninput: () => (go.disabled = typed.value.trim() !== wanted),
  });
  const leave = async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      await api.leave();
      onLeft();
    } catch (error) {
      [problem.textContent, problem.hidden, go.disabled] = [error.message, false, false];
    }
  };
  return [
    h("p", {}, "Every word, recording, export and key is removed within minutes. Nobody can bring them back. You may want to export everything first."),
    h(
      "details",
      { class: "leave" },
      h("summary", {}, "Delete my account"),
      h("form", { class: "form", onsubmit: leave }, h("label", { class: "labelled" }, h("span", {}, "Type ", h("strong", {}, wanted), " to confirm"), typed), problem, h("div", { class: "actions" }, go)),
    ),
  ];
}
