/** Finding entries again by what they are about. */

import { announce, byId, h } from "../common/dom.js";
import { percent, plural } from "../common/format.js";
import { failure, state, waiting } from "../common/states.js";
import * as api from "../server/api.js";
import { searches } from "../server/config.js";
import { item } from "./entry_item.js";

const PAUSE_MS = 450;
const SHORTEST = 3;
const MOST = 20;

export class SearchView {
  #root = byId("search");
  #results = h("div", { class: "results" });
  #field = null;
  #asked = null;
  #timer = 0;
  #shown = "";

  open({ query }) {
    const q = query.q ?? "";
    if (!this.#field?.isConnected) this.#draw();
    if (this.#field.value.trim() !== q) this.#field.value = q;
    this.#field.focus();
    if (q !== this.#shown || !q) this.#find(q);
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    [this.#field, this.#shown] = [null, ""];
    this.#root.replaceChildren();
  }

  #draw() {
    this.#field = h("input", { type: "search", id: "query", class: "field", autocomplete: "off", enterkeyhint: "search", placeholder: "A worry, a person, a place…", disabled: !searches() });
    this.#field.addEventListener("input", () => this.#later());
    const submit = (event) => {
      event.preventDefault();
      this.#go();
    };
    const form = h("form", { class: "search-form", role: "search", onsubmit: submit }, h("label", { for: "query", class: "visually-hidden" }, "What it was about"), this.#field, h("button", { type: "submit", class: "primary", disabled: !searches() }, "Search"));
    this.#root.replaceChildren(h("h1", { id: "search-title", tabindex: -1 }, "Search"), form, this.#results);
  }

  #later() {
    clearTimeout(this.#timer);
    const q = this.#field.value.trim();
    if (q.length >= SHORTEST || q === "") this.#timer = setTimeout(() => this.#go(), PAUSE_MS);
  }

  /** The address says what is looked for, so that going back finds it again. */
  #go() {
    clearTimeout(this.#timer);
    const q = this.#field?.value.trim() ?? "";
    const address = q ? `#/search?${new URLSearchParams({ q })}` : "#/search";
    if (location.hash === address) return this.#find(q);
    history.replaceState(null, "", address);
    return this.#find(q);
  }

  async #find(q) {
    this.#asked?.abort();
    this.#shown = q;
    if (!searches()) return this.#show(state("Search is not here yet", "This journal cannot find entries by what they are about. The filters above the entries can narrow them."));
    if (!q) return this.#show(hint());
    const { signal } = (this.#asked = new AbortController());
    this.#results.setAttribute("aria-busy", "true");
    if (!this.#results.querySelector(".result-list")) this.#show(waiting("Searching"));
    try {
      const { results } = await api.search(q, MOST, signal);
      this.#show(results.length ? found(results) : state("Nothing like it", "No entry seems to be about that. Try other words."));
      announce(plural(results.length, "entry", "entries"));
    } catch (error) {
      if (!signal.aborted) this.#show(failure("The search did not work", error, () => this.#find(q)));
    } finally {
      if (!signal.aborted) this.#results.removeAttribute("aria-busy");
    }
  }

  #show(...content) {
    this.#results.replaceChildren(...content);
  }
}

const hint = () => state("What do you want to find again?", "Say it in your own words: entries are found by what they mean, not by the letters they share.");

function found(results) {
  const items = results.map(({ entry, passage, score }) => item(entry, { dated: true, words: passage || null, prefix: "result", more: closeness(score) }));
  return h("ol", { class: "result-list", "aria-label": "Results" }, ...items);
}

function closeness(score) {
  const fill = h("span", { class: "fill" });
  fill.style.setProperty("inline-size", percent(Math.min(1, Math.max(0, score))));
  return h("span", { class: "closeness" }, h("span", { class: "track", "aria-hidden": "true" }, fill), h("span", { class: "visually-hidden" }, `${percent(score)} alike`));
}
