/** A calendar month: each day's colour and line show how positive or negative its entries were. */

import { byId, h, present, svg } from "../common/dom.js";
import { leadingEmotion, mood } from "../common/emotions.js";
import * as format from "../common/format.js";
import { languageOf } from "../common/language.js";
import { homeHash } from "../common/router.js";
import { emptyState, errorState, loadingState } from "../common/states.js";
import { shown } from "../common/support.js";
import * as api from "../server/api.js";
import { Unreachable } from "../server/errors.js";
import * as cache from "../server/offline_cache.js";
import { label, t } from "../texts/texts.js";
import { statusText } from "./entry_item.js";
import { startOfDay } from "./filters.js";
import { addMonths, dayOf, monthKey, monthOf, moodLevel, weeksOf } from "./months.js";

/** @import { EntryView } from "../client/samo.js" */
/** @import { Day } from "./months.js" */

/** @type {[number, string][]} */
const LEVELS = [
  [-2, "negative"],
  [-1, "fairly negative"],
  [0, "neutral"],
  [1, "fairly positive"],
  [2, "positive"],
];
/** Number of days that each key moves by. @type {Record<string, number>} */
const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const MAX_CAPTION_LINES = 3;

export class CalendarView {
  #root = byId("calendar");
  #month = monthOf();
  /** Counts loads, so that late responses are ignored. */
  #load = 0;

  /** @param {{ id: string | null }} location `id`: a month's key; the current month by default */
  open({ id }) {
    this.#month = monthOf(id);
    const name = format.monthName(this.#month.year, this.#month.month);
    const body = h("div", { class: "month-body" }, loadingState(t("journal.loading_the_month"), 5));
    this.#root.replaceChildren(this.#head(name), body);
    document.title = `${name} · SAMO journal`;
    byId("calendar-title").focus({ preventScroll: true });
    this.#fill(body);
  }

  close() {
    this.#load += 1;
    this.#root.replaceChildren();
  }

  /** Load the month again, if it is shown. */
  refresh() {
    if (!this.#root.hidden) this.open({ id: monthKey(this.#month) });
  }

  /** @param {string} name */
  #head(name) {
    const isCurrent = monthKey(monthOf()) === monthKey(this.#month);
    const link = (/** @type {number} */ by, /** @type {string} */ label, /** @type {string} */ arrow) => {
      const href = `#/calendar/${monthKey(addMonths(this.#month, by))}`;
      return h("a", { class: "plain round", href, "aria-label": label }, arrow);
    };
    return h(
      "header",
      { class: "month-head" },
      h("h1", { id: "calendar-title", tabindex: -1 }, name),
      h(
        "nav",
        { class: "actions", "aria-label": t("journal.months") },
        link(-1, t("journal.previous_month"), "‹"),
        !isCurrent && h("a", { class: "plain", href: "#/calendar" }, t("common.today")),
        !isCurrent && link(1, t("journal.next_month"), "›"),
      ),
    );
  }

  /** @param {HTMLElement} body */
  async #fill(body) {
    this.#load += 1;
    const load = this.#load;
    try {
      const { entries, cached } = await this.#entries();
      if (load !== this.#load) return;
      const byDay = Map.groupBy(entries.map(shown), format.dayKey);
      const days = new Map([...byDay].map(([key, ofDay]) => [key, dayOf(ofDay)]));
      const hint = cached && h("p", { class: "quiet-text" }, t("journal.showing_the_entries_stored_on_this"));
      body.replaceChildren(...present([hint, ...this.#content(days)]));
    } catch (error) {
      const retry = () => this.#fill(body);
      if (load === this.#load)
        body.replaceChildren(errorState(t("journal.this_month_could_not_be_loaded"), error, retry));
    }
  }

  /** The month's entries and those of a day before and after: an entry belongs to the day in its own time zone. */
  async #entries() {
    const [first, next] = [this.#month, addMonths(this.#month, 1)].map((month) => `${monthKey(month)}-01`);
    const [from, to] = [startOfDay(first, -1), startOfDay(next, 1)];
    try {
      return { entries: await api.listBetween(from, to), cached: false };
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      const inMonth = (/** @type {EntryView} */ { recorded_at }) =>
        new Date(recorded_at) >= from && new Date(recorded_at) < to;
      const entries = (await cache.list()).filter(inMonth);
      if (entries.length === 0) throw error;
      return { entries, cached: true };
    }
  }

  /** @param {Map<string, Day>} days */
  #content(days) {
    const inMonth = [...days].filter(([key]) => key.startsWith(monthKey(this.#month))).sort();
    const caption = h("div", { class: "caption day-caption", "aria-live": "off" });
    const describe = (/** @type {string} */ key) => {
      const day = days.get(key);
      if (day) caption.replaceChildren(...captionOf(key, day));
    };
    const table = this.#table(days, describe);
    const last = inMonth.at(-1)?.[0];
    if (!last) {
      const empty = emptyState(t("journal.no_entries_this_month"), t("journal.days_with_entries_are_coloured_by"));
      return [table, empty, legend()];
    }
    describe(last);
    return [table, caption, legend(), dayList(inMonth)];
  }

  /** @param {Map<string, Day>} days @param {(key: string) => void} onHighlight */
  #table(days, onHighlight) {
    const head = format.weekdays().map(({ short, long }) => {
      const label = h("span", { class: "visually-hidden" }, long);
      return h("th", { scope: "col", abbr: long }, h("span", { "aria-hidden": "true" }, short), label);
    });
    const rows = weeksOf(this.#month).map((week) => h("tr", {}, ...week.map((key) => cell(key, days))));
    const table = h(
      "table",
      { class: "month", "aria-labelledby": "calendar-title" },
      h("thead", {}, h("tr", {}, ...head)),
      h("tbody", {}, ...rows),
    );
    const highlight = (/** @type {Event} */ event) => {
      const key = dayLink(event)?.dataset.day;
      if (key) onHighlight(key);
    };
    table.addEventListener("pointerover", highlight);
    table.addEventListener("focusin", highlight);
    table.addEventListener("keydown", (event) => moveBetweenDays(event, table));
    return table;
  }
}

/** The day that an event is about. @param {Event} event @returns {HTMLElement | null} */
const dayLink = ({ target }) => (target instanceof Element ? target.closest("a[data-day]") : null);

/** @param {string | null} key @param {Map<string, Day>} days */
function cell(key, days) {
  if (!key) return h("td", { class: "elsewhere" });
  const number = h("span", { class: "date" }, String(Number(key.slice(8))));
  const today = key === format.todayKey();
  const current = { "aria-current": today && "date" };
  const classes = today ? "day-cell today" : "day-cell";
  const day = days.get(key);
  if (!day) return h("td", { class: classes, ...current }, number);
  const { entries, sentiment } = day;
  const level = sentiment === null ? null : moodLevel(sentiment);
  const attributes = { href: homeHash({ from: key, to: key }), "data-day": key, "aria-label": describeDay(key, day) };
  const count = entries.length > 1 && h("span", { class: "count" }, `${entries.length}`);
  const link = h("a", attributes, number, count, level !== null && moodLine(level));
  return h("td", { class: `${classes} ${level === null ? "no-mood" : `level${level}`}`, ...current }, link);
}

/** A line that curves up for a positive day and down for a negative one. @param {number} level */
function moodLine(level) {
  const line = svg("path", { d: `M3 ${12 - level * 1.5}Q12 ${12 + level * 5} 21 ${12 - level * 1.5}` });
  return svg("svg", { class: "bow", viewBox: "0 0 24 24", "aria-hidden": "true" }, line);
}

/** @param {Day} day */
const moodText = ({ sentiment }) => (sentiment === null ? t("common.no_mood") : label(mood(sentiment)));

/** @param {Day} day */
const countText = ({ entries }) => t("common.entries", { count: entries.length });

/** @param {string} key @param {Day} day */
const describeDay = (key, day) => `${format.dayFromKey(key)}: ${countText(day)}, ${moodText(day)}`;

/** @param {string} key @param {Day} day */
function captionOf(key, day) {
  const lines = day.entries.slice(0, MAX_CAPTION_LINES).map((entry) => {
    const { summary, title } = entry.insight;
    const own =
      title ?? (summary ? format.headline(summary) : entry.opening && format.headline({ text: entry.opening }));
    const emotion = leadingEmotion(entry.insight);
    return h(
      "li",
      {},
      own ? h("bdi", { lang: languageOf(entry) }, own) : statusText(entry),
      emotion && ` · ${label(emotion)}`,
    );
  });
  const mean = h("span", { class: "quiet-text" }, `${countText(day)}, ${moodText(day)}`);
  return [
    h("p", { class: "caption-head" }, h("strong", {}, format.dayFromKey(key)), mean),
    h("ul", { class: "day-lines" }, ...lines),
  ];
}

function legend() {
  const items = LEVELS.map(([level, name]) =>
    h("li", { class: `level${level}` }, h("span", { class: "swatch" }, moodLine(level)), label(name)),
  );
  return h("ul", { class: "month-legend", "aria-label": t("common.legend") }, ...items);
}

/** The month in words. @param {[string, Day][]} days */
function dayList(days) {
  const items = days.map(([key, day]) =>
    h("li", {}, h("a", { href: homeHash({ from: key, to: key }) }, describeDay(key, day))),
  );
  return h("details", { class: "as-list" }, h("summary", {}, t("journal.show_as_a_list")), h("ul", {}, ...items));
}

/** Move with the arrow keys to the next day that has entries. @param {KeyboardEvent} event @param {HTMLElement} table */
function moveBetweenDays(event, table) {
  const by = MOVES[event.key];
  const from = dayLink(event);
  if (!by || !from) return;
  event.preventDefault();
  const cells = [...table.querySelectorAll("td.day-cell")];
  for (let at = cells.indexOf(/** @type {HTMLElement} */ (from.parentElement)) + by; cells[at]; at += by) {
    const link = cells[at].querySelector("a");
    if (link) {
      link.focus();
      return;
    }
  }
}
