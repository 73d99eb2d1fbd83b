/** Search by meaning in English, by word in other languages. */

import { announce, byId, h } from "../common/dom.js";
import { percent } from "../common/format.js";
import { emptyState, errorState, loadingState } from "../common/states.js";
import * as api from "../server/api.js";
import { hasSearch } from "../server/config.js";
import { t } from "../texts/texts.js";
import { entryItem } from "./entry_item.js";

/** @import { SearchResult } from "../client/samo.js" */

const DEBOUNCE_MS = 450;
const MIN_QUERY_LENGTH = 3;
/** Scripts in which one character can be a word. */
const SHORT_WORDS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;
const MAX_RESULTS = 20;

export class SearchView {
  #root = byId("search");
  #results = h("div", { class: "results" });
  #field = h("input", {
    type: "search",
    id: "query",
    class: "field",
    autocomplete: "off",
    enterkeyhint: "search",
    dir: "auto",
    placeholder: t("journal.a_worry_a_person_a_place"),
  });
  /** @type {AbortController | null} */
  #request = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #shownQuery = "";

  constructor() {
    this.#field.addEventListener("input", () => this.#searchSoon());
  }

  /** @param {{ query: Record<string, string> }} location */
  open({ query: { q = "" } }) {
    if (!this.#field.isConnected) this.#draw();
    if (this.#query !== q) this.#field.value = q;
    this.#field.focus();
    if (q !== this.#shownQuery || !q) this.#search(q);
  }

  close() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#shownQuery = this.#field.value = "";
    this.#root.replaceChildren();
  }

  get #query() {
    return this.#field.value.trim();
  }

  #draw() {
    const disabled = !hasSearch();
    this.#field.disabled = disabled;
    const onsubmit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this.#submit();
    };
    const form = h(
      "form",
      { class: "search-form", role: "search", onsubmit },
      h("label", { for: "query", class: "visually-hidden" }, t("journal.search_your_entries")),
      this.#field,
      h("button", { type: "submit", class: "primary", disabled }, t("common.search")),
    );
    this.#root.replaceChildren(h("h1", { id: "search-title", tabindex: -1 }, t("common.search")), form, this.#results);
  }

  #searchSoon() {
    clearTimeout(this.#timer);
    const query = this.#query;
    if (!query || query.length >= MIN_QUERY_LENGTH || SHORT_WORDS.test(query))
      this.#timer = setTimeout(() => this.#submit(), DEBOUNCE_MS);
  }

  /** Search, and put the query into the address, so that the browser's back button restores it. */
  #submit() {
    clearTimeout(this.#timer);
    const q = this.#query;
    const hash = q ? `#/search?${new URLSearchParams({ q })}` : "#/search";
    if (location.hash !== hash) history.replaceState(null, "", hash);
    this.#search(q);
  }

  /** @param {string} q */
  async #search(q) {
    this.#request?.abort();
    this.#shownQuery = q;
    if (!hasSearch()) this.#show(unavailable());
    else if (!q) this.#show(hint());
    else await this.#load(q);
  }

  /** @param {string} q */
  async #load(q) {
    const request = new AbortController();
    const { signal } = request;
    this.#request = request;
    this.#results.setAttribute("aria-busy", "true");
    if (!this.#results.querySelector(".result-list")) this.#show(loadingState(t("journal.searching")));
    try {
      const { results } = await api.searchEntries(q, MAX_RESULTS, signal);
      if (signal.aborted) return;
      this.#show(
        results.length > 0
          ? resultList(results)
          : emptyState(t("journal.no_results"), t("journal.no_entry_matches_try_other_words")),
      );
      announce(t("journal.result_count", { count: results.length }));
    } catch (error) {
      if (!signal.aborted) this.#show(errorState(t("journal.search_failed"), error, () => this.#search(q)));
    } finally {
      if (!signal.aborted) this.#results.removeAttribute("aria-busy");
    }
  }

  /** @param {HTMLElement} content */
  #show(content) {
    this.#results.replaceChildren(content);
  }
}

const hint = () => emptyState(t("journal.what_are_you_looking_for"), t("journal.describe_it_in_your_own_words"));

const unavailable = () => emptyState(t("journal.search_is_not_available"), t("journal.this_journal_has_no_search_use"));

/** @param {SearchResult[]} results */
function resultList(results) {
  const items = results.map(({ entry, passage, score, match }) => {
    const byWords = match === "words";
    const [language, footer] = [byWords ? entry.language : null, scoreBar(score, byWords)];
    return entryItem(entry, { showDate: true, text: passage, language, idPrefix: "result", footer });
  });
  return h("ol", { class: "result-list", "aria-label": t("journal.results") }, ...items);
}

/** @param {number} score @param {boolean} byWords */
function scoreBar(score, byWords) {
  const fill = h("span", { class: "fill" });
  fill.style.setProperty("inline-size", percent(Math.min(1, Math.max(0, score))));
  return h(
    "span",
    { class: "closeness" },
    h("span", { class: "track", "aria-hidden": "true" }, fill),
    h(
      "span",
      { class: "visually-hidden" },
      byWords ? t("journal.has_these_words") : t("journal.match", { share: percent(score) }),
    ),
  );
}
