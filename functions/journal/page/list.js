/** The entries so far: newest first, by day. Kept fresh while something is being processed. */

import * as api from "./api.js";
import { button, byId, h } from "./dom.js";
import { tag, telling } from "./emotions.js";
import * as format from "./format.js";

const PAGE = 20;
const MOST = 100;
const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

export class EntryList {
  #entries = null;
  #cursor = null;
  #timer = 0;
  #failures = 0;
  #selected = null;
  #shown = "";
  #reading = false;
  #changes = 0;
  #pause = SHORTEST_PAUSE_MS;

  constructor() {
    document.addEventListener("visibilitychange", () => !document.hidden && this.refresh());
    addEventListener("unreachable", () => this.refresh());
  }

  /** Read the newest entries again; what lies beyond them stays. */
  async refresh() {
    if (this.#reading) return;
    this.#reading = true;
    clearTimeout(this.#timer);
    const changes = this.#changes;
    const limit = Math.min(MOST, Math.max(PAGE, this.#entries?.length ?? 0));
    try {
      const page = await api.list(limit, null);
      if (changes !== this.#changes) return this.#soon(0);
      const beyond = this.#entries?.length > MOST ? this.#entries.slice(MOST) : [];
      this.#take([...page.entries, ...beyond], beyond.length ? this.#cursor : page.next_cursor);
    } catch (error) {
      this.#lost(error);
    } finally {
      this.#reading = false;
    }
  }

  /** One entry has changed, or is new. */
  update(entry) {
    this.#changes += 1;
    if (this.#entries === null || this.#failures) return this.#soon(0);
    const others = this.#entries.filter(({ id }) => id !== entry.id);
    const newest = [...others, entry].sort((a, b) => new Date(b.recorded_at) - new Date(a.recorded_at));
    this.#take(newest, this.#cursor);
  }

  forget(id) {
    this.#changes += 1;
    this.#take((this.#entries ?? []).filter((entry) => entry.id !== id), this.#cursor);
  }

  select(id) {
    this.#selected = id;
    this.#render();
    byId(`item-${id}`)?.scrollIntoView({ block: "nearest" });
  }

  async #more() {
    try {
      const page = await api.list(PAGE, this.#cursor);
      const known = new Set(this.#entries.map(({ id }) => id));
      this.#take([...this.#entries, ...page.entries.filter(({ id }) => !known.has(id))], page.next_cursor);
    } catch (error) {
      this.#lost(error);
    }
  }

  /** What is under way is asked for often while it changes, and ever more seldom while it does not. */
  #take(entries, cursor) {
    const same = JSON.stringify(entries) === JSON.stringify(this.#entries);
    this.#pause = same ? Math.min(this.#pause * 1.5, LONGEST_PAUSE_MS) : SHORTEST_PAUSE_MS;
    this.#entries = entries;
    this.#cursor = cursor;
    this.#failures = 0;
    this.#render();
    clearTimeout(this.#timer);
    if (!entries.every(api.isFinal)) this.#soon(this.#pause);
  }

  #lost(error) {
    this.#failures += 1;
    this.#render(error.message);
    this.#soon(Math.min(1000 * 2 ** this.#failures, LONGEST_PAUSE_MS));
  }

  #soon(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), milliseconds);
  }

  #render(problem = null) {
    const wanted = JSON.stringify([this.#entries, this.#cursor, this.#selected, problem]);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    const list = byId("list");
    const focused = list.contains(document.activeElement) ? document.activeElement.id : null;
    const more = this.#cursor && button("Earlier entries", () => this.#more(), "plain more");
    const parts = [problem && this.#outage(problem), this.#content(), more];
    list.replaceChildren(...parts.flat().filter(Boolean));
    if (focused) (byId(focused) ?? list.querySelector("a"))?.focus();
  }

  #outage(problem) {
    return h(
      "div",
      { class: "outage", role: "status" },
      h("p", { class: "notice-head" }, "The entries cannot be read"),
      h("p", {}, `${problem} Trying again by itself.`),
      button("Try now", () => this.refresh(), "plain"),
    );
  }

  #content() {
    if (this.#entries === null) return null;
    if (this.#entries.length === 0) return firstUse();
    const days = Map.groupBy(this.#entries, format.dayKey);
    return [...days.values()].map((entries) => {
      const items = entries.map((entry) => this.#item(entry));
      return h("section", { class: "day" }, h("h3", {}, format.dayName(entries[0])), h("ol", {}, ...items));
    });
  }

  #item(entry) {
    const { id, insight } = entry;
    const strongest = telling(insight.emotions);
    const words = h("span", { class: insight.summary ? "item-text" : "item-text item-status" });
    const { title, text } = insight.summary ?? { text: status(entry) };
    words.append(...(title ? [h("strong", {}, title), " ", text] : [text]));
    const attributes = {
      href: `#/entries/${id}`,
      id: `item-${id}`,
      class: "item",
      "aria-current": id === this.#selected ? "page" : null,
    };
    const tagged = strongest && tag(strongest.emotion);
    return h("li", {}, h("a", attributes, h("span", { class: "item-facts" }, facts(entry)), words, tagged));
  }
}

function facts(entry) {
  const length = entry.audio?.duration_s;
  const source = entry.source === "voice" ? "spoken" : "written";
  return [format.time(entry), source, length && format.length(length)].filter(Boolean).join(" · ");
}

const NOTHING_TO_READ = {
  no_speech: "No speech was heard",
  no_words: "No words in it",
  unsupported_language: "Not in English",
};

function status(entry) {
  const reason = entry.insight.empty_reason;
  if (reason) return NOTHING_TO_READ[reason] ?? "Nothing to read";
  if (entry.status === "failed") return "Could not be turned into words";
  if (entry.status === "awaiting_audio") return "Waiting for its recording";
  if (entry.status === "processing") return "Being read…";
  return entry.status === "partial" ? "Words only" : "No summary";
}

const firstUse = () =>
  h(
    "div",
    { class: "first-use" },
    h("p", { class: "first-use-head" }, "Nothing here yet"),
    h("p", {}, "Your entries will gather here, day by day. The first one can be a single sentence."),
  );
