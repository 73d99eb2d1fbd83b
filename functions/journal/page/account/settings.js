/** The settings view. */

import { button, byId, h, present } from "../common/dom.js";
import { errorState, loadingState, section } from "../common/states.js";
import * as api from "../server/api.js";
import { hasAccounts } from "../server/config.js";
import * as session from "../server/session.js";
import { ApiKeySection } from "./api_keys.js";
import { appearanceForm } from "./appearance.js";
import { deleteForm } from "./delete_account.js";
import { ExportSection } from "./exports.js";
import { NameSection } from "./names.js";
import { consentSection, preferencesForm } from "./preferences.js";

export class SettingsView {
  #root = byId("settings");
  /** @type {ExportSection | null} */
  #exports = null;
  #onSignedOut;

  /** @param {{ onSignedOut: (reason: { deleted?: boolean }) => unknown }} listener */
  constructor({ onSignedOut }) {
    this.#onSignedOut = onSignedOut;
  }

  open() {
    this.close();
    const sections = h("div", { class: "sections" }, loadingState("Loading your settings", 5));
    const title = h("h1", { id: "settings-title", tabindex: -1 }, "Settings");
    this.#root.replaceChildren(title, this.#accountSection(), section("Appearance", appearanceForm()), sections);
    title.focus({ preventScroll: true });
    this.#fill(sections);
  }

  close() {
    this.#exports?.close();
    this.#exports = null;
    this.#root.replaceChildren();
  }

  /** @param {HTMLElement} sections */
  async #fill(sections) {
    try {
      const account = await api.getAccount();
      if (!sections.isConnected) return;
      this.#exports?.close();
      this.#exports = new ExportSection();
      const onDeleted = () => this.#onSignedOut({ deleted: true });
      sections.replaceChildren(
        ...present([
          consentSection(account, () => this.#fill(sections)),
          section("Preferences", preferencesForm(account)),
          section("Names", new NameSection().element),
          section("Export", this.#exports.element),
          hasAccounts() && section("API keys", new ApiKeySection().element),
          section(hasAccounts() ? "Delete account" : "Delete everything", deleteForm(session.email(), onDeleted)),
        ]),
      );
    } catch (error) {
      const retry = () => this.#fill(sections);
      sections.replaceChildren(errorState("Your settings could not be loaded", error, retry));
    }
  }

  #accountSection() {
    if (!session.isSignedIn()) return "";
    const signOut = button("Sign out", () => this.#onSignedOut({}), "plain");
    const hint = "Signing out also removes the entries stored on this device for offline reading.";
    return section("Account", [
      h("p", {}, "Signed in as ", h("strong", {}, session.email() ?? ""), "."),
      h("p", { class: "quiet-text" }, hint),
      h("div", { class: "actions" }, signOut),
    ]);
  }
}
