/** The terms that must be accepted before an entry can be created. */

import { announce, button, byId, h } from "../common/dom.js";
import { errorState, loadingState } from "../common/states.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";

/** @import { AccountView } from "../client/samo.js" */

const TERMS = [
  ["What is stored", "Your text and, for as long as you choose, your recordings. You can change this in Settings."],
  [
    "How it is processed",
    "Models that run with this journal produce a transcript, emotions and a summary. Nothing is sent to third-party models.",
  ],
  ["Who can read it", "Only you. The operator of this journal maintains the servers and does not read your entries."],
  [
    "How to withdraw",
    "Export or delete everything at any time in Settings. Withdrawing your consent stops new entries; existing ones stay until you delete them.",
  ],
];

export class ConsentView {
  #root = byId("consent");

  async open() {
    this.#root.replaceChildren(loadingState("Loading the terms"));
    try {
      this.#show(await api.getAccount());
    } catch (error) {
      this.#root.replaceChildren(errorState("The terms could not be loaded", error, () => this.open()));
    }
  }

  /** @param {AccountView} account */
  #show({ required_consent: required, consent_version: accepted }) {
    const agreed = !required || required === accepted;
    const terms = TERMS.flatMap(([term, details]) => [h("dt", {}, term), h("dd", {}, details)]);
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const agree = !agreed && button("I agree", () => this.#agree(required, problem), "primary");
    const lead = agreed ? "You have agreed to these terms." : "Your journal is private. This is how it is handled.";
    this.#root.replaceChildren(
      h("h1", { id: "consent-title", tabindex: -1 }, "Before you begin"),
      h("p", { class: "lead" }, lead),
      h(
        "div",
        { class: "sheet" },
        h("dl", { class: "terms" }, ...terms),
        required && h("p", { class: "quiet-text" }, `Version ${required}`),
      ),
      problem,
      h(
        "div",
        { class: "actions" },
        agree,
        h("a", { class: "quiet", href: "#/" }, agreed ? "Go to the journal" : "Not now"),
      ),
    );
    byId("consent-title").focus({ preventScroll: true });
  }

  /** @param {string} version @param {HTMLElement} problem */
  async #agree(version, problem) {
    try {
      await api.updateAccount({ consent_version: version });
      announce("Thank you. You can now create entries.");
      dispatchEvent(new Event("consented"));
      location.hash = "#/";
    } catch (error) {
      problem.textContent = messageOf(error);
      problem.hidden = false;
    }
  }
}
