/** The list of entries, newest first, by day. Loads more on scrolling, and updates while entries are processed. */

import { button, byId, present } from "../common/dom.js";
import { homeHash } from "../common/router.js";
import * as api from "../server/api.js";
import { messageOf, SamoError, SignedOut, Unreachable } from "../server/errors.js";
import * as cache from "../server/offline_cache.js";
import { t } from "../texts/texts.js";
import { listContent, outage } from "./entry_list.js";
import { apiFilter, Filters, matches } from "./filters.js";

/** @import { EntryView } from "../client/samo.js" */
/** @import { Filter } from "../common/router.js" */

const PAGE_SIZE = 20;
const MAX_REFRESHED = 100;
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 15_000;

export class Timeline {
  /** @type {EntryView[] | null} */
  #entries = null;
  /** @type {string | null} */
  #cursor = null;
  /** @type {Filter} */
  #filter = {};
  #filters = new Filters();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #pause = MIN_PAUSE_MS;
  #failures = 0;
  #loading = false;
  /** Counts local changes; responses to earlier requests are out of date. */
  #changes = 0;
  /** @type {string | null} */
  #selected = null;
  #inputs = "";
  #end = new IntersectionObserver(([target]) => target.isIntersecting && this.#loadMore(), { rootMargin: "200px" });

  constructor() {
    document.addEventListener("visibilitychange", () => !document.hidden && this.#entries && this.refresh());
    addEventListener("unreachable", () => this.#entries && this.#failures === 0 && this.refresh());
    addEventListener("online", () => this.#failures > 0 && this.refresh());
  }

  /** The hash of the list with its current filter. */
  get hash() {
    return homeHash(this.#filter);
  }

  /** @param {Filter} filter */
  setFilter(filter) {
    const filtered = Object.keys(filter).length > 0;
    document.body.classList.toggle("filtered", filtered);
    byId("entries-title").setAttribute("aria-level", filtered ? "1" : "2");
    if (JSON.stringify(filter) === JSON.stringify(this.#filter)) return;
    this.#filter = filter;
    [this.#entries, this.#cursor] = [null, null];
    this.#invalidate();
    this.#render();
    this.refresh();
  }

  /** Load the newest entries again; older ones stay as they are. */
  async refresh() {
    if (this.#loading) return;
    this.#loading = true;
    clearTimeout(this.#timer);
    const changes = this.#changes;
    const limit = Math.min(MAX_REFRESHED, Math.max(PAGE_SIZE, this.#entries?.length ?? 0));
    try {
      const page = await api.listEntries(limit, null, apiFilter(this.#filter));
      if (changes !== this.#changes) {
        this.#refreshIn(0);
        return;
      }
      const older = this.#entries?.slice(MAX_REFRESHED) ?? [];
      this.#set([...page.entries, ...older], older.length > 0 ? this.#cursor : page.next_cursor);
    } catch (error) {
      if (changes === this.#changes) await this.#fail(error);
    } finally {
      if (changes === this.#changes) this.#loading = false;
    }
  }

  /** Add or update an entry. @param {EntryView} entry */
  update(entry) {
    this.#invalidate();
    if (this.#entries === null || this.#failures > 0) {
      this.#refreshIn(0);
      return;
    }
    const others = this.#entries.filter(({ id }) => id !== entry.id);
    const entries = matches(entry, this.#filter) ? [...others, entry] : others;
    this.#set(entries.sort(byNewest), this.#cursor);
  }

  /** Remove a deleted entry. @param {string} id */
  remove(id) {
    this.#invalidate();
    this.#set(
      (this.#entries ?? []).filter((entry) => entry.id !== id),
      this.#cursor,
    );
  }

  /** @param {string | null} id */
  select(id) {
    this.#selected = id;
    this.#render();
    if (id) document.getElementById(`item-${id}`)?.scrollIntoView({ block: "nearest" });
  }

  /** Remove the entries of a user who has signed out. */
  clear() {
    clearTimeout(this.#timer);
    this.#invalidate();
    [this.#entries, this.#cursor, this.#failures, this.#inputs] = [null, null, 0, ""];
    this.#filters.clear();
    byId("list").replaceChildren();
  }

  /** Ignore the responses of pending requests. */
  #invalidate() {
    this.#changes += 1;
    this.#loading = false;
  }

  async #loadMore() {
    if (!this.#cursor || this.#loading) return;
    const changes = this.#changes;
    this.#loading = true;
    try {
      const page = await api.listEntries(PAGE_SIZE, this.#cursor, apiFilter(this.#filter));
      if (changes !== this.#changes) return;
      const entries = this.#entries ?? [];
      const ids = new Set(entries.map(({ id }) => id));
      this.#set([...entries, ...page.entries.filter(({ id }) => !ids.has(id))], page.next_cursor);
    } catch (error) {
      await this.#fail(error);
    } finally {
      if (changes === this.#changes) this.#loading = false;
    }
  }

  /**
   * Show entries. While some are being processed, refresh; less often while nothing changes.
   *
   * @param {EntryView[]} entries
   * @param {string | null} cursor
   */
  #set(entries, cursor) {
    const same = JSON.stringify(entries) === JSON.stringify(this.#entries);
    this.#pause = same ? Math.min(this.#pause * 1.5, MAX_PAUSE_MS) : MIN_PAUSE_MS;
    [this.#entries, this.#cursor, this.#failures] = [entries, cursor, 0];
    this.#render();
    clearTimeout(this.#timer);
    if (!entries.every(api.isFinal)) this.#refreshIn(this.#pause);
  }

  /** Show the error, and the cached entries if none were loaded; retry. @param {unknown} error */
  async #fail(error) {
    if (error instanceof SignedOut) return;
    this.#failures += 1;
    if (this.#entries === null && error instanceof Unreachable) {
      const cached = (await cache.list()).filter((entry) => matches(entry, this.#filter));
      if (cached.length > 0) this.#entries ??= cached;
    }
    this.#render(messageOf(error));
    const retryAfter = error instanceof SamoError ? error.retryAfter : null;
    const backoff = Math.min(MIN_PAUSE_MS * 2 ** this.#failures, MAX_PAUSE_MS);
    this.#refreshIn(retryAfter === null ? backoff : Math.max(MIN_PAUSE_MS, retryAfter * 1000));
  }

  /** @param {number} milliseconds */
  #refreshIn(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), milliseconds);
  }

  /** @param {string | null} [problem] */
  #render(problem = null) {
    const filtered = Object.keys(this.#filter).length > 0;
    this.#filters.show(this.#filter, this.#entries ?? []);
    byId("filters").hidden = !this.#entries?.length && !filtered;
    const inputs = JSON.stringify([this.#entries, this.#cursor, this.#selected, problem, this.#filter]);
    if (inputs === this.#inputs) return;
    this.#inputs = inputs;
    const list = byId("list");
    const focusedId = list.contains(document.activeElement) ? (document.activeElement?.id ?? "") : null;
    const more = this.#cursor && button(t("journal.earlier_entries"), () => this.#loadMore(), "plain more");
    const content = listContent(this.#entries, { selected: this.#selected, problem, filtered });
    this.#end.disconnect();
    list.replaceChildren(...present([problem && outage(problem, () => this.refresh()), content, more].flat()));
    if (more) this.#end.observe(more);
    if (focusedId !== null) (document.getElementById(focusedId) ?? list.querySelector("a"))?.focus();
  }
}

/** @param {EntryView} a @param {EntryView} b */
const byNewest = (a, b) => Date.parse(b.recorded_at) - Date.parse(a.recorded_at);
