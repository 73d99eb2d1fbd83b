/** Leaving for good: asked for in writing. */

import { h } from "../common/dom.js";
import * as api from "../server/api.js";

const REMOVED = {
  account: "Every word, recording, export and key is removed within minutes.",
  journal: "Every word, recording and export is removed.",
};

/** Without accounts the journal goes on, empty: `who` is null. `onLeft` hears that it is deleted. */
export function departure(who, onLeft) {
  const wanted = who ?? "delete";
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
      await (who ? api.leave() : api.empty());
      onLeft();
    } catch (error) {
      [problem.textContent, problem.hidden, go.disabled] = [error.message, false, false];
    }
  };
  return [
    h("p", {}, `${REMOVED[who ? "account" : "journal"]} Nobody can bring them back. You may want to export everything first.`),
    h(
      "details",
      { class: "leave" },
      h("summary", {}, who ? "Delete my account" : "Delete my journal"),
      h("form", { class: "form", onsubmit: leave }, h("label", { class: "labelled" }, h("span", {}, "Type ", h("strong", {}, wanted), " to confirm"), typed), problem, h("div", { class: "actions" }, go)),
    ),
  ];
}
