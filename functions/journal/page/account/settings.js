/** What the person wishes, has, and may take away. */

import { button, byId, h } from "../common/dom.js";
import { failure, section, waiting } from "../common/states.js";
import * as api from "../server/api.js";
import { accounts } from "../server/config.js";
import * as session from "../server/session.js";
import { appearance } from "./appearance.js";
import { departure } from "./delete_account.js";
import { ExportSection } from "./exports.js";
import { KeySection } from "./api_keys.js";
import { consent, wishes } from "./preferences.js";

export class SettingsView {
  #root = byId("settings");
  #exports = null;
  #onLeft;

  /** `onLeft` hears why, when the person has signed out or deleted their account. */
  constructor({ onLeft }) {
    this.#onLeft = onLeft;
  }

  async open() {
    this.close();
    const place = h("div", { class: "sections" }, waiting("Reading your settings", 5));
    const title = h("h1", { id: "settings-title", tabindex: -1 }, "Settings");
    this.#root.replaceChildren(title, this.#you(), section("Appearance", appearance()), place);
    title.focus({ preventScroll: true });
    this.#fill(place);
  }

  close() {
    this.#exports?.close();
    this.#exports = null;
    this.#root.replaceChildren();
  }

  async #fill(place) {
    try {
      const account = await api.me();
      if (!place.isConnected) return;
      const changed = () => this.#fill(place);
      this.#exports?.close();
      this.#exports = new ExportSection();
      place.replaceChildren(
        ...[
          consent(account, changed),
          section("What is kept", wishes(account)),
          section("A copy of everything", this.#exports.element),
          accounts() && section("API keys", new KeySection().element),
          section(accounts() ? "Delete the account" : "Delete everything", departure(session.who(), () => this.#onLeft({ left: true }))),
        ].filter(Boolean),
      );
    } catch (error) {
      place.replaceChildren(failure("Your settings could not be read", error, () => this.#fill(place)));
    }
  }

  #you() {
    if (!session.signedIn()) return "";
    const who = h("p", {}, "Signed in as ", h("strong", {}, session.who()), ".");
    const out = button("Sign out", () => this.#onLeft({}), "plain");
    const hint = h("p", { class: "quiet-text" }, "Signing out also removes what this device kept for reading offline.");
    return section("You", [who, hint, h("div", { class: "actions" }, out)]);
  }
}
