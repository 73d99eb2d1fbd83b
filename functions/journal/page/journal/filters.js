/** What of the journal is listed: by what was felt, what it was about, and when. */

import { button, byId, h } from "../common/dom.js";
import { family, feelingFamily } from "../common/emotions.js";
import { dayOf } from "../common/format.js";
import { homeAddress } from "../common/router.js";

const KINDS = [
  ["emotion", "Emotion", (insight) => insight.emotions.map(({ emotion }) => emotion), family],
  ["feeling", "Felt", (insight) => insight.feelings.map(({ label }) => label), feelingFamily],
  ["topic", "About", (insight) => insight.topics.map(({ label }) => label), () => "topic"],
];
const MOST = 8;

export class Filters {
  #filter = {};
  #seen = Object.fromEntries(KINDS.map(([kind]) => [kind, new Map()]));
  #panel = h("details", { class: "filter-panel" });
  #active = h("ul", { class: "filter-active", "aria-label": "Filters in use" });
  #shown = "";

  constructor() {
    byId("filters").append(this.#panel, this.#active);
  }

  /** `filter` as the router has it; `entries` say which labels there are to choose from. */
  show(filter, entries) {
    this.#filter = filter;
    this.#count(entries);
    const wanted = JSON.stringify([filter, KINDS.map(([kind]) => this.#choices(kind))]);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    const focused = document.activeElement?.dataset?.filter;
    this.#render();
    if (focused) byId("filters").querySelector(`[data-filter="${CSS.escape(focused)}"]`)?.focus();
  }

  clear() {
    for (const seen of Object.values(this.#seen)) seen.clear();
    this.#panel.open = false;
  }

  #count(entries) {
    for (const [kind, , labels] of KINDS) {
      const counted = new Map();
      for (const { insight } of entries) {
        for (const label of labels(insight)) counted.set(label, (counted.get(label) ?? 0) + 1);
      }
      for (const [label, count] of counted) {
        this.#seen[kind].set(label, Math.max(count, this.#seen[kind].get(label) ?? 0));
      }
    }
  }

  #choices(kind) {
    const often = [...this.#seen[kind]].sort((a, b) => b[1] - a[1]).map(([label]) => label);
    const listed = often.filter((label) => label !== "neutral").slice(0, MOST);
    const chosen = this.#filter[kind];
    return (chosen && !listed.includes(chosen) ? [chosen, ...listed] : listed).sort();
  }

  #render() {
    const summary = h("summary", { "data-filter": "panel" }, "Filter");
    const groups = KINDS.map(([kind, title, , colour]) => this.#group(kind, title, colour)).filter(Boolean);
    const days = h("div", { class: "filter-days" }, this.#day("from", "From"), this.#day("to", "To"));
    this.#panel.replaceChildren(summary, h("div", { class: "filter-body" }, days, ...groups));
    this.#active.replaceChildren(...this.#inUse());
    this.#active.hidden = this.#active.children.length === 0;
  }

  #group(kind, title, colour) {
    const labels = this.#choices(kind);
    if (!labels.length) return null;
    const chips = labels.map((label) => this.#chip(kind, label, colour(label)));
    return h("div", { class: "filter-group", role: "group", "aria-label": title }, h("h3", {}, title), ...chips);
  }

  #chip(kind, label, colour) {
    const pressed = this.#filter[kind] === label;
    const chip = button(label, () => this.#go({ [kind]: pressed ? null : label }), `chip ${colour}`);
    chip.setAttribute("aria-pressed", pressed);
    chip.dataset.filter = `${kind}:${label}`;
    return chip;
  }

  #day(name, title) {
    const onchange = ({ target }) => this.#go({ [name]: target.value || null });
    const value = this.#filter[name] ?? "";
    const input = h("input", { type: "date", value, onchange, "data-filter": name, class: "field" });
    return h("label", {}, h("span", {}, title), input);
  }

  #inUse() {
    const { from, to, ...labels } = this.#filter;
    const one = (text, without) => {
      const remove = button(text, () => this.#go(without), "chip active");
      remove.setAttribute("aria-label", `Without the filter ${text}`);
      return h("li", {}, remove);
    };
    const days = [from && from === to && one(dayOf(from), { from: null, to: null })];
    if (from !== to) days.push(from && one(`from ${dayOf(from)}`, { from: null }), to && one(`to ${dayOf(to)}`, { to: null }));
    const named = Object.entries(labels).map(([kind, label]) => one(label, { [kind]: null }));
    return [...days.filter(Boolean), ...named];
  }

  #go(change) {
    const wished = Object.entries({ ...this.#filter, ...change }).filter(([, value]) => value);
    location.hash = homeAddress(Object.fromEntries(wished));
  }
}

/** The filter as the API takes it: moments instead of days, `to` the midnight after the last. */
export function asked({ from, to, ...labels }) {
  return {
    ...(from ? { from: midnight(from).toISOString() } : {}),
    ...(to ? { to: midnight(to, 1).toISOString() } : {}),
    ...labels,
  };
}

/** Whether an entry passes, for lists that are made here. */
export function passes(entry, filter) {
  const { from, to } = asked(filter);
  const at = new Date(entry.recorded_at);
  if ((from && at < new Date(from)) || (to && at >= new Date(to))) return false;
  return KINDS.every(([kind, , labels]) => !filter[kind] || labels(entry.insight).includes(filter[kind]));
}

/** When a day (2026-03-01) begins here, or the one some days later. */
export function midnight(day, later = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later);
}
