/** What must be agreed to before an entry is made: said in full, asked once. */

import { announce, button, byId, h } from "../common/dom.js";
import { failure, waiting } from "../common/states.js";
import * as api from "../server/api.js";

const SAID = [
  ["What is kept", "Your words and, for as long as you choose, your recordings. You can change that in the settings."],
  ["What is done with it", "It is turned into words, feelings and a summary by models that run beside the journal. None of it is sent to anybody else's model."],
  ["Who sees it", "You. Whoever runs this journal looks after the machines, not after your words."],
  ["How to take it back", "Export or delete everything at any time, in the settings. Taking consent back stops new entries; the old ones stay until you delete them."],
];

export class ConsentView {
  #root = byId("consent");

  async open() {
    this.#root.replaceChildren(waiting("Reading what there is to agree to"));
    try {
      this.#show(await api.me());
    } catch (error) {
      this.#root.replaceChildren(failure("The terms could not be read", error, () => this.open()));
    }
  }

  #show({ required_consent: wanted, consent_version: given }) {
    const agreed = !wanted || wanted === given;
    const list = h("dl", { class: "terms" }, ...SAID.flatMap(([what, how]) => [h("dt", {}, what), h("dd", {}, how)]));
    const problem = h("p", { class: "problem", role: "alert", hidden: true });
    const agree = button("I agree", () => this.#agree(wanted, problem), "primary");
    const later = h("a", { class: "quiet", href: "#/" }, agreed ? "To the journal" : "Not now");
    this.#root.replaceChildren(
      h("h1", { id: "consent-title", tabindex: -1 }, "Before you begin"),
      h("p", { class: "lead" }, agreed ? "You have agreed to this." : "A journal holds what is nobody else's business. This is how yours is looked after."),
      h("div", { class: "sheet" }, list, wanted && h("p", { class: "quiet-text" }, `Version ${wanted}`)),
      problem,
      h("div", { class: "actions" }, !agreed && agree, later),
    );
    byId("consent-title").focus({ preventScroll: true });
  }

  async #agree(version, problem) {
    try {
      await api.wish({ consent_version: version });
      announce("Thank you. Entries can be made now.");
      dispatchEvent(new Event("consented"));
      location.hash = "#/";
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }
}
