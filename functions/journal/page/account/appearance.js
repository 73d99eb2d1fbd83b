/** Light or dark, and single-key shortcuts: kept on this device. */

import { byId, button, h } from "../common/dom.js";
import * as keyboard from "../common/keyboard.js";

const THEMES = [
  ["auto", "As the device"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function appearance() {
  const choices = THEMES.map(([theme, label]) => {
    const attributes = { type: "radio", name: "theme", value: theme, checked: samoTheme.get() === theme };
    const input = h("input", { ...attributes, onchange: () => samoTheme.set(theme) });
    return h("label", { class: "choice" }, input, h("span", {}, label));
  });
  const keys = h("input", { type: "checkbox", checked: keyboard.enabled(), onchange: () => keyboard.enable(keys.checked) });
  return [
    h("fieldset", { class: "choices" }, h("legend", {}, "Colours"), ...choices),
    h("label", { class: "check" }, keys, h("span", {}, "Single-key shortcuts (n, j, k, / …)")),
    h("div", { class: "actions" }, button("Show the shortcuts", () => byId("shortcuts").showModal(), "plain")),
  ];
}
