/** The moods of a month: each day's colour and the bow of a line, both from how bright or heavy its entries were. */

import { byId, h, svg } from "../common/dom.js";
import { mood, telling } from "../common/emotions.js";
import * as format from "../common/format.js";
import { homeAddress } from "../common/router.js";
import { failure, state, waiting } from "../common/states.js";
import * as api from "../server/api.js";
import * as kept from "../server/offline_cache.js";
import { Unreachable } from "../server/errors.js";
import { midnight } from "./filters.js";
import { status } from "./entry_item.js";
import { day, level, monthKey, monthOf, shifted, weeks } from "./months.js";

const LEVELS = [
  [-2, "heavy"],
  [-1, "fairly heavy"],
  [0, "even"],
  [1, "fairly bright"],
  [2, "bright"],
];
const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

export class CalendarView {
  #root = byId("calendar");
  #month = null;
  #reading = 0;

  /** `id`: a month (2026-03); this one without. */
  open({ id }) {
    this.#month = monthOf(id);
    const name = format.monthName(this.#month.year, this.#month.month);
    const body = h("div", { class: "month-body" }, waiting("Reading the month", 5));
    this.#root.replaceChildren(this.#head(name), body);
    document.title = `${name} · SAMO journal`;
    byId("calendar-title").focus({ preventScroll: true });
    this.#fill(body);
  }

  close() {
    this.#reading += 1;
    this.#root.replaceChildren();
  }

  forget() {
    if (!this.#root.hidden) this.open({ id: this.#month && monthKey(this.#month) });
  }

  #head(name) {
    const step = (by, label) =>
      h("a", { class: "plain round", href: `#/calendar/${monthKey(shifted(this.#month, by))}`, "aria-label": label }, by < 0 ? "‹" : "›");
    const now = monthKey(monthOf(null)) === monthKey(this.#month);
    return h(
      "header",
      { class: "month-head" },
      h("h1", { id: "calendar-title", tabindex: -1 }, name),
      h("nav", { class: "actions", "aria-label": "Months" }, step(-1, "Month before"), !now && h("a", { class: "plain", href: "#/calendar" }, "Today"), !now && step(1, "Month after")),
    );
  }

  async #fill(body) {
    const reading = (this.#reading += 1);
    try {
      const [entries, old] = await this.#entries();
      if (reading !== this.#reading) return;
      const days = new Map([...Map.groupBy(entries, format.dayKey)].map(([key, among]) => [key, day(among)]));
      body.replaceChildren(...[old && h("p", { class: "quiet-text" }, "As far as this device remembers."), ...this.#shown(days)].filter(Boolean));
    } catch (error) {
      if (reading === this.#reading) body.replaceChildren(failure("This month could not be read", error, () => this.#fill(body)));
    }
  }

  /** A day more at either end: entries are listed by the day of the zone they were made in. */
  async #entries() {
    const first = `${monthKey(this.#month)}-01`;
    const after = `${monthKey(shifted(this.#month, 1))}-01`;
    const [from, to] = [midnight(first, -1), midnight(after, 1)];
    try {
      return [await api.between(from, to), false];
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      const among = (entry) => new Date(entry.recorded_at) >= from && new Date(entry.recorded_at) < to;
      const found = (await kept.all()).filter(among);
      if (!found.length) throw error;
      return [found, true];
    }
  }

  #shown(days) {
    const within = [...days].filter(([key]) => key.startsWith(monthKey(this.#month)));
    const caption = h("div", { class: "caption day-caption", "aria-live": "off" });
    const tell = (key) => caption.replaceChildren(...told(key, days.get(key)));
    const table = this.#table(days, tell);
    const last = within.map(([key]) => key).sort().at(-1);
    if (last) tell(last);
    const nothing = !within.length && state("Nothing was written down this month", "Days with entries are coloured by how bright or heavy they were.");
    return [table, last && caption, nothing, legend(), within.length > 0 && asList(within)].filter(Boolean);
  }

  #table(days, tell) {
    const head = format.weekdays().map(([short, long]) => h("th", { scope: "col", abbr: long }, h("span", { "aria-hidden": "true" }, short), h("span", { class: "visually-hidden" }, long)));
    const rows = weeks(this.#month).map((week) => h("tr", {}, ...week.map((key) => cell(key, key && days.get(key)))));
    const table = h("table", { class: "month", "aria-labelledby": "calendar-title" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows));
    const look = ({ target }) => target.closest("a[data-day]") && tell(target.closest("a[data-day]").dataset.day);
    table.addEventListener("pointerover", look);
    table.addEventListener("focusin", look);
    table.addEventListener("keydown", (event) => walk(event, table));
    return table;
  }
}

function cell(key, found) {
  if (!key) return h("td", { class: "elsewhere" });
  const number = h("span", { class: "date" }, String(Number(key.slice(8))));
  const today = key === format.today();
  if (!found) return h("td", { class: today ? "day-cell today" : "day-cell", "aria-current": today && "date" }, number);
  const { entries, sentiment } = found;
  const kind = sentiment === null ? "unread" : `level${level(sentiment)}`;
  const attributes = { href: homeAddress({ from: key, to: key }), "data-day": key, "aria-label": spoken(key, found) };
  const count = entries.length > 1 && h("span", { class: "count" }, `${entries.length}`);
  const link = h("a", attributes, number, count, sentiment !== null && bow(level(sentiment)));
  return h("td", { class: `day-cell ${kind}${today ? " today" : ""}`, "aria-current": today && "date" }, link);
}

/** A line that bows up for a bright day and down for a heavy one. */
function bow(depth) {
  const line = svg("path", { d: `M3 ${12 - depth * 1.5}Q12 ${12 + depth * 5} 21 ${12 - depth * 1.5}` });
  return svg("svg", { class: "bow", viewBox: "0 0 24 24", "aria-hidden": "true" }, line);
}

const inWords = ({ sentiment }) => (sentiment === null ? "not read" : mood(sentiment));

const spoken = (key, found) => `${format.dayOf(key)}: ${format.plural(found.entries.length, "entry", "entries")}, ${inWords(found)}`;

function told(key, found) {
  const said = `${format.plural(found.entries.length, "entry", "entries")}, on the whole ${inWords(found)}`;
  const lines = found.entries.slice(0, 3).map((entry) => {
    const { summary, emotions } = entry.insight;
    const felt = telling(emotions)?.emotion;
    return h("li", {}, [summary?.title ?? summary?.text ?? status(entry), felt].filter(Boolean).join(" · "));
  });
  return [h("p", { class: "caption-head" }, h("strong", {}, format.dayOf(key)), h("span", { class: "quiet-text" }, said)), h("ul", { class: "day-lines" }, ...lines)];
}

function legend() {
  const items = LEVELS.map(([depth, name]) => h("li", { class: `level${depth}` }, h("span", { class: "swatch" }, bow(depth)), name));
  return h("ul", { class: "month-legend", "aria-label": "What the colours and lines mean" }, ...items);
}

/** The same in words. */
function asList(days) {
  const items = days.sort().map(([key, found]) => h("li", {}, h("a", { href: homeAddress({ from: key, to: key }) }, spoken(key, found))));
  return h("details", { class: "as-list" }, h("summary", {}, "The month as a list"), h("ul", {}, ...items));
}

/** From day to day with the arrows; to the next one that has entries. */
function walk(event, table) {
  const by = MOVES[event.key];
  const from = event.target.closest("a[data-day]");
  if (!by || !from) return;
  event.preventDefault();
  const cells = [...table.querySelectorAll("td.day-cell")];
  const at = cells.indexOf(from.parentElement);
  for (let next = at + by; next >= 0 && next < cells.length; next += by) {
    const link = cells[next].querySelector("a");
    if (link) return void link.focus();
  }
}
