/** The theme and single-key shortcuts, which are stored on this device. */

import { button, dialogById, h } from "../common/dom.js";
import * as keyboard from "../common/keyboard.js";
import { t } from "../texts/texts.js";

const THEMES = [
  ["auto", t("account.same_as_device")],
  ["light", t("account.light")],
  ["dark", t("account.dark")],
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
    h("fieldset", { class: "choices" }, h("legend", {}, t("account.theme")), ...themes),
    h("label", { class: "check" }, shortcuts, h("span", {}, t("account.single_key_shortcuts_n_j_k"))),
    h("div", { class: "actions" }, button(t("account.show_shortcuts"), showShortcuts, "plain")),
  ];
}
