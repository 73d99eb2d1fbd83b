/** The entries so far, newest first, by day: ever more of them as one scrolls, fresh while something is being read. */

import { button, byId } from "../common/dom.js";
import { homeAddress } from "../common/router.js";
import * as api from "../server/api.js";
import * as kept from "../server/offline_cache.js";
import { SignedOut, Unreachable } from "../server/errors.js";
import { content, outage } from "./entry_list.js";
import { Filters, asked, passes } from "./filters.js";

const PAGE = 20;
const MOST = 100;
const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

export class Timeline {
  #entries = null;
  #cursor = null;
  #filter = {};
  #filters = new Filters();
  #timer = 0;
  #failures = 0;
  #selected = null;
  #shown = "";
  #reading = false;
  #changes = 0;
  #pause = SHORTEST_PAUSE_MS;
  #end = new IntersectionObserver(([seen]) => seen.isIntersecting && this.#more(), { rootMargin: "200px" });

  constructor() {
    document.addEventListener("visibilitychange", () => !document.hidden && this.#entries && this.refresh());
    addEventListener("unreachable", () => this.#entries && !this.#failures && this.refresh());
    addEventListener("online", () => this.#failures && this.refresh());
  }

  /** Where the list can be found as it is now. */
  get address() {
    return homeAddress(this.#filter);
  }

  /** List what passes a filter, as the router has it. */
  filter(filter) {
    const filtered = Object.keys(filter).length > 0;
    document.body.classList.toggle("filtered", filtered);
    byId("earlier-title").setAttribute("aria-level", filtered ? 1 : 2);
    if (JSON.stringify(filter) === JSON.stringify(this.#filter)) return;
    this.#filter = filter;
    this.#entries = null;
    this.#cursor = null;
    this.#changes += 1;
    this.#reading = false;
    this.#render();
    this.refresh();
  }

  /** Read the newest entries again; what lies beyond them stays. */
  async refresh() {
    if (this.#reading) return;
    this.#reading = true;
    clearTimeout(this.#timer);
    const changes = this.#changes;
    const limit = Math.min(MOST, Math.max(PAGE, this.#entries?.length ?? 0));
    try {
      const page = await api.list(limit, null, asked(this.#filter));
      if (changes !== this.#changes) return this.#soon(0);
      const beyond = this.#entries?.length > MOST ? this.#entries.slice(MOST) : [];
      this.#take([...page.entries, ...beyond], beyond.length ? this.#cursor : page.next_cursor);
    } catch (error) {
      if (changes === this.#changes) await this.#lost(error);
    } finally {
      if (changes === this.#changes) this.#reading = false;
    }
  }

  /** One entry has changed, or is new. */
  update(entry) {
    this.#changes += 1;
    this.#reading = false;
    if (this.#entries === null || this.#failures) return this.#soon(0);
    const others = this.#entries.filter(({ id }) => id !== entry.id);
    const among = passes(entry, this.#filter) ? [...others, entry] : others;
    this.#take(among.sort((a, b) => new Date(b.recorded_at) - new Date(a.recorded_at)), this.#cursor);
  }

  forget(id) {
    this.#changes += 1;
    this.#reading = false;
    this.#take((this.#entries ?? []).filter((entry) => entry.id !== id), this.#cursor);
  }

  select(id) {
    this.#selected = id;
    this.#render();
    byId(`item-${id}`)?.scrollIntoView({ block: "nearest" });
  }

  /** Nobody is here any more. */
  clear() {
    clearTimeout(this.#timer);
    this.#changes += 1;
    [this.#entries, this.#cursor, this.#failures, this.#reading, this.#shown] = [null, null, 0, false, ""];
    this.#filters.clear();
    byId("list").replaceChildren();
  }

  async #more() {
    if (!this.#cursor || this.#reading) return;
    const changes = this.#changes;
    this.#reading = true;
    try {
      const page = await api.list(PAGE, this.#cursor, asked(this.#filter));
      if (changes !== this.#changes) return;
      const known = new Set(this.#entries.map(({ id }) => id));
      this.#take([...this.#entries, ...page.entries.filter(({ id }) => !known.has(id))], page.next_cursor);
    } catch (error) {
      await this.#lost(error);
    } finally {
      if (changes === this.#changes) this.#reading = false;
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

  /** Without the server, what was read on this device. */
  async #lost(error) {
    if (error instanceof SignedOut) return;
    this.#failures += 1;
    if (this.#entries === null && error instanceof Unreachable) {
      const found = (await kept.all()).filter((entry) => passes(entry, this.#filter));
      if (found.length) this.#entries ??= found;
    }
    this.#render(error.message);
    const pause = error.again ? Math.max(1000, error.again - Date.now()) : 1000 * 2 ** this.#failures;
    this.#soon(error.again ? pause : Math.min(pause, LONGEST_PAUSE_MS));
  }

  #soon(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), milliseconds);
  }

  #render(problem = null) {
    this.#filters.show(this.#filter, this.#entries ?? []);
    byId("filters").hidden = !this.#entries?.length && !this.#filtered;
    const wanted = JSON.stringify([this.#entries, this.#cursor, this.#selected, problem, this.#filter]);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    const list = byId("list");
    const focused = list.contains(document.activeElement) ? document.activeElement.id : null;
    const more = this.#cursor && button("Earlier entries", () => this.#more(), "plain more");
    const tried = problem && outage(problem, () => this.refresh());
    const parts = [tried, content(this.#entries, this.#selected, { problem, filtered: this.#filtered }), more];
    this.#end.disconnect();
    list.replaceChildren(...parts.flat().filter(Boolean));
    if (more) this.#end.observe(more);
    if (focused) (byId(focused) ?? list.querySelector("a"))?.focus();
  }

  get #filtered() {
    return Object.keys(this.#filter).length > 0;
  }
}
