/** The theme and single-key shortcuts, which are stored on this device. */

import { button, dialogById, h } from "../common/dom.js";
import * as keyboard from "../common/keyboard.js";

const THEMES = [
  ["auto", "Same as device"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function appearanceForm() {
  const themes = THEMES.map(([theme, label]) => {
    const checked = samoTheme.get() === theme;
    const onchange = () => samoTheme.set(theme);
    const input = h("input", { type: "radio", name: "theme", value: theme, checked, onchange });
    return h("label", { class: "choice" }, input, h("span", {}, label));
  });
  const shortcuts = h("input", { type: "checkbox", checked: keyboard.isEnabled() });
  shortcuts.addEventListener("change", () => keyboard.setEnabled(shortcuts.checked));
  const showShortcuts = () => dialogById("shortcuts").showModal();
  return [
    h("fieldset", { class: "choices" }, h("legend", {}, "Theme"), ...themes),
    h("label", { class: "check" }, shortcuts, h("span", {}, "Single-key shortcuts (n, j, k, / …)")),
    h("div", { class: "actions" }, button("Show shortcuts", showShortcuts, "plain")),
  ];
}
