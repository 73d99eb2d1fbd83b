/** The settings view. */

import { button, byId, h, present } from "../common/dom.js";
import { errorState, loadingState, section } from "../common/states.js";
import * as api from "../server/api.js";
import { hasAccounts } from "../server/config.js";
import * as session from "../server/session.js";
import { t } from "../texts/texts.js";
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
    const sections = h("div", { class: "sections" }, loadingState(t("account.loading_your_settings"), 5));
    const title = h("h1", { id: "settings-title", tabindex: -1 }, t("common.settings"));
    this.#root.replaceChildren(
      title,
      this.#accountSection(),
      section(t("account.appearance"), appearanceForm()),
      sections,
    );
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
          section(t("account.preferences"), preferencesForm(account)),
          section(t("account.names"), new NameSection().element),
          section(t("account.export"), this.#exports.element),
          hasAccounts() && section("API keys", new ApiKeySection().element),
          section(
            hasAccounts() ? t("account.delete_account") : t("account.delete_everything"),
            deleteForm(session.email(), onDeleted),
          ),
        ]),
      );
    } catch (error) {
      const retry = () => this.#fill(sections);
      sections.replaceChildren(errorState(t("account.your_settings_could_not_be_loaded"), error, retry));
    }
  }

  #accountSection() {
    if (!session.isSignedIn()) return "";
    const signOut = button(t("account.sign_out"), () => this.#onSignedOut({}), "plain");
    const hint = t("account.signing_out_also_removes_the_entries");
    return section(t("account.account"), [
      h("p", {}, t("account.signed_in_as"), h("strong", {}, session.email() ?? ""), "."),
      h("p", { class: "quiet-text" }, hint),
      h("div", { class: "actions" }, signOut),
    ]);
  }
}
