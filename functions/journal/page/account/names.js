/** The personal dictionary: names that are spelled right in transcripts, and names to add from corrections. */

import { alertText, announce, button, h } from "../common/dom.js";
import { errorState, loadingState } from "../common/states.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";

/** @import { NameChanges, NameList, SuggestedName } from "../client/samo.js" */

const DESCRIPTION =
  "People, pets, places, medicines: names that you say. New recordings and dictations then spell them like this.";

export class NameSection {
  element = h("div", { class: "names" });
  #list = h("div", {}, loadingState("Loading your names", 1));
  #message = h("div", {});
  #field = h("input", { class: "field", name: "name", required: true, autocomplete: "off", spellcheck: "false" });

  constructor() {
    this.element.append(h("p", { class: "quiet-text" }, DESCRIPTION), this.#form(), this.#message, this.#list);
    this.#load();
  }

  async #load() {
    try {
      this.#show(await api.getNames());
    } catch (error) {
      this.#list.replaceChildren(errorState("Your names could not be loaded", error, () => this.#load()));
    }
  }

  /** @param {NameList} dictionary */
  #show({ names, suggestions, max_names: most, max_characters: longest }) {
    this.#field.maxLength = longest ?? 40;
    const sorted = [...names].sort((one, other) => one.localeCompare(other));
    const rows = sorted.map((name) => this.#row(name));
    this.#list.replaceChildren(
      suggestions.length > 0 ? this.#suggestions(suggestions) : "",
      rows.length > 0
        ? h("ul", { class: "rows", "aria-label": "Names" }, ...rows)
        : h("p", { class: "quiet-text" }, "You have added no names."),
      names.length > 0 ? h("p", { class: "quiet-text" }, `${names.length} of at most ${most}`) : "",
    );
  }

  /** @param {string} name */
  #row(name) {
    const remove = button("Remove", () => this.#change({ remove: [name] }, `${name} is removed.`), "quiet danger");
    remove.setAttribute("aria-label", `Remove ${name}`);
    return h("li", {}, h("div", {}, h("strong", {}, name)), h("div", { class: "actions" }, remove));
  }

  /** @param {readonly SuggestedName[]} suggestions */
  #suggestions(suggestions) {
    const rows = suggestions.map(({ name, heard }) => {
      const add = button("Add", () => this.#change({ add: [name] }, `${name} is added.`), "plain");
      const decline = button("No", () => this.#change({ decline: [name] }, `${name} is not suggested again.`), "quiet");
      add.setAttribute("aria-label", `Add ${name}`);
      decline.setAttribute("aria-label", `Do not add ${name}`);
      const origin = h("p", { class: "quiet-text" }, `You corrected “${heard}”`);
      return h("li", {}, h("div", {}, h("strong", {}, name), origin), h("div", { class: "actions" }, add, decline));
    });
    return h("div", {}, h("h3", {}, "Suggested"), h("ul", { class: "rows", "aria-label": "Suggested names" }, ...rows));
  }

  /** @param {NameChanges} changes @param {string} done */
  async #change(changes, done) {
    try {
      this.#show(await api.changeNames(changes));
      this.#message.replaceChildren();
      announce(done);
      return true;
    } catch (error) {
      this.#message.replaceChildren(alertText(messageOf(error)));
      return false;
    }
  }

  #form() {
    const onsubmit = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const name = this.#field.value.trim();
      if (name && (await this.#change({ add: [name] }, `${name} is added.`))) this.#field.value = "";
      this.#field.focus();
    };
    const label = h("label", { class: "labelled" }, h("span", {}, "Person, place or word"), this.#field);
    const submit = h("button", { type: "submit", class: "plain" }, "Add name");
    return h("form", { class: "form", onsubmit }, label, h("div", { class: "actions" }, submit));
  }
}
