/** The personal dictionary: names that are spelled right in transcripts, and names to add from corrections. */

import { alertText, announce, button, h } from "../common/dom.js";
import { errorState, loadingState } from "../common/states.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";

/** @import { NameChanges, NameList, SuggestedName } from "../client/samo.js" */

export class NameSection {
  element = h("div", { class: "names" });
  #list = h("div", {}, loadingState(t("account.loading_your_names"), 1));
  #message = h("div", {});
  #field = h("input", { class: "field", name: "name", required: true, autocomplete: "off", spellcheck: "false" });

  constructor() {
    this.element.append(
      h("p", { class: "quiet-text" }, t("account.names_are_spelled_like_this")),
      this.#form(),
      this.#message,
      this.#list,
    );
    this.#load();
  }

  async #load() {
    try {
      this.#show(await api.getNames());
    } catch (error) {
      this.#list.replaceChildren(errorState(t("account.your_names_could_not_be_loaded"), error, () => this.#load()));
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
        ? h("ul", { class: "rows", "aria-label": t("account.names") }, ...rows)
        : h("p", { class: "quiet-text" }, t("account.you_have_added_no_names")),
      names.length > 0
        ? h("p", { class: "quiet-text" }, t("account.of_at_most", { count: names.length, most: most ?? 200 }))
        : "",
    );
  }

  /** @param {string} name */
  #row(name) {
    const remove = button(
      t("entry.remove"),
      () => this.#change({ remove: [name] }, t("account.name_is_removed", { name })),
      "quiet danger",
    );
    remove.setAttribute("aria-label", t("entry.remove_2", { label: name }));
    return h("li", {}, h("div", {}, h("strong", {}, name)), h("div", { class: "actions" }, remove));
  }

  /** @param {readonly SuggestedName[]} suggestions */
  #suggestions(suggestions) {
    const rows = suggestions.map(({ name, heard }) => {
      const add = button(
        t("account.add"),
        () => this.#change({ add: [name] }, t("account.name_is_added", { name })),
        "plain",
      );
      const decline = button(
        t("account.no"),
        () => this.#change({ decline: [name] }, t("account.name_is_not_suggested_again", { name })),
        "quiet",
      );
      add.setAttribute("aria-label", t("account.add_name_of", { name }));
      decline.setAttribute("aria-label", t("account.do_not_add_name", { name }));
      const origin = h("p", { class: "quiet-text" }, t("account.you_corrected", { heard }));
      return h("li", {}, h("div", {}, h("strong", {}, name), origin), h("div", { class: "actions" }, add, decline));
    });
    return h(
      "div",
      {},
      h("h3", {}, t("account.suggested")),
      h("ul", { class: "rows", "aria-label": t("account.suggested_names") }, ...rows),
    );
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
      if (name && (await this.#change({ add: [name] }, t("account.name_is_added", { name })))) this.#field.value = "";
      this.#field.focus();
    };
    const label = h("label", { class: "labelled" }, h("span", {}, t("account.person_place_or_word")), this.#field);
    const submit = h("button", { type: "submit", class: "plain" }, t("account.add_name"));
    return h("form", { class: "form", onsubmit }, label, h("div", { class: "actions" }, submit));
  }
}
