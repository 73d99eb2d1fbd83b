/** The terms that must be accepted before an entry can be created. */

import { announce, button, byId, h } from "../common/dom.js";
import { errorState, loadingState } from "../common/states.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";

/** @import { AccountView } from "../client/samo.js" */

const TERMS = [
  [t("account.what_is_stored"), t("account.your_text_and_for_as_long")],
  [t("account.how_it_is_processed"), t("account.models_that_run_with_this_journal")],
  [t("account.who_can_read_it"), t("account.only_you_the_operator_of_this")],
  [t("account.how_to_withdraw"), t("account.export_or_delete_everything_at_any")],
];

export class ConsentView {
  #root = byId("consent");

  async open() {
    this.#root.replaceChildren(loadingState(t("account.loading_the_terms")));
    try {
      this.#show(await api.getAccount());
    } catch (error) {
      this.#root.replaceChildren(errorState(t("account.the_terms_could_not_be_loaded"), error, () => this.open()));
    }
  }

  /** @param {AccountView} account */
  #show({ required_consent: required, consent_version: accepted }) {
    const agreed = !required || required === accepted;
    const terms = TERMS.flatMap(([term, details]) => [h("dt", {}, term), h("dd", {}, details)]);
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const agree = !agreed && button("I agree", () => this.#agree(required, problem), "primary");
    const lead = agreed ? t("account.you_have_agreed_to_these_terms") : t("account.your_journal_is_private_this_is");
    this.#root.replaceChildren(
      h("h1", { id: "consent-title", tabindex: -1 }, t("common.before_you_begin")),
      h("p", { class: "lead" }, lead),
      h(
        "div",
        { class: "sheet" },
        h("dl", { class: "terms" }, ...terms),
        required && h("p", { class: "quiet-text" }, t("account.version", { required })),
      ),
      problem,
      h(
        "div",
        { class: "actions" },
        agree,
        h("a", { class: "quiet", href: "#/" }, agreed ? t("account.go_to_the_journal") : t("account.not_now")),
      ),
    );
    byId("consent-title").focus({ preventScroll: true });
  }

  /** @param {string} version @param {HTMLElement} problem */
  async #agree(version, problem) {
    try {
      await api.updateAccount({ consent_version: version });
      announce(t("account.thank_you_you_can_now_create"));
      dispatchEvent(new Event("consented"));
      location.hash = "#/";
    } catch (error) {
      problem.textContent = messageOf(error);
      problem.hidden = false;
    }
  }
}
