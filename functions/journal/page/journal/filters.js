/** The filters of the list: emotion, feeling, topic, days. */

import { button, byId, h } from "../common/dom.js";
import { emotionFamily, feelingFamily } from "../common/emotions.js";
import { dayFromKey } from "../common/format.js";
import { homeHash } from "../common/router.js";
import { label as nameOf, t } from "../texts/texts.js";

/** @import { EntryView, InsightView } from "../client/samo.js" */
/** @import { Filter } from "../common/router.js" */

/** @typedef {"emotion" | "feeling" | "topic"} Kind */
/** @typedef {{ title: string, labelsOf: (insight: InsightView) => string[], colour: (label: string) => string }} KindInfo */

/** @type {Record<Kind, KindInfo>} */
const KINDS = {
  emotion: {
    title: t("journal.emotion"),
    labelsOf: ({ emotions }) => emotions.map(({ emotion }) => emotion),
    colour: emotionFamily,
  },
  feeling: {
    title: t("journal.feeling"),
    labelsOf: ({ feelings }) => feelings.map(({ label }) => label),
    colour: feelingFamily,
  },
  topic: {
    title: t("journal.topic"),
    labelsOf: ({ topics }) => topics.map(({ label }) => label),
    colour: () => "topic",
  },
};
const KIND_NAMES = /** @type {Kind[]} */ (Object.keys(KINDS));
const MAX_CHOICES = 8;

export class Filters {
  /** @type {Filter} */
  #filter = {};
  #counts = labelCounts();
  #panel = h("details", { class: "filter-panel" });
  #active = h("ul", { class: "filter-active", "aria-label": t("journal.active_filters") });
  #inputs = "";

  constructor() {
    byId("filters").append(this.#panel, this.#active);
  }

  /** @param {Filter} filter @param {EntryView[]} entries whose labels can be chosen */
  show(filter, entries) {
    this.#filter = filter;
    this.#count(entries);
    const inputs = JSON.stringify([filter, KIND_NAMES.map((kind) => this.#choices(kind))]);
    if (inputs === this.#inputs) return;
    this.#inputs = inputs;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.filter : undefined;
    this.#render();
    if (focused) this.#focus(focused);
  }

  clear() {
    this.#counts = labelCounts();
    this.#panel.open = false;
  }

  /** @param {string} name */
  #focus(name) {
    const control = byId("filters").querySelector(`[data-filter="${CSS.escape(name)}"]`);
    if (control instanceof HTMLElement) control.focus();
  }

  /** Remember how often each label occurs. @param {EntryView[]} entries */
  #count(entries) {
    for (const kind of KIND_NAMES) {
      const labels = entries.flatMap(({ insight }) => KINDS[kind].labelsOf(insight));
      for (const [label, occurrences] of Map.groupBy(labels, (name) => name)) {
        const known = this.#counts[kind].get(label) ?? 0;
        this.#counts[kind].set(label, Math.max(occurrences.length, known));
      }
    }
  }

  /** The most frequent labels, and the chosen one. @param {Kind} kind */
  #choices(kind) {
    const frequent = [...this.#counts[kind]].sort((a, b) => b[1] - a[1]).map(([label]) => label);
    const choices = frequent.filter((label) => label !== "neutral").slice(0, MAX_CHOICES);
    const chosen = this.#filter[kind];
    return (chosen && !choices.includes(chosen) ? [chosen, ...choices] : choices).sort();
  }

  #render() {
    const groups = KIND_NAMES.map((kind) => this.#group(kind)).filter((group) => group !== null);
    const days = h(
      "div",
      { class: "filter-days" },
      this.#dayField("from", t("journal.from")),
      this.#dayField("to", t("journal.to")),
    );
    const summary = h("summary", { "data-filter": "panel" }, t("journal.filter"));
    this.#panel.replaceChildren(summary, h("div", { class: "filter-body" }, days, ...groups));
    this.#active.replaceChildren(...this.#activeFilters());
    this.#active.hidden = this.#active.children.length === 0;
  }

  /** @param {Kind} kind */
  #group(kind) {
    const choices = this.#choices(kind);
    if (choices.length === 0) return null;
    const { title } = KINDS[kind];
    const chips = choices.map((label) => this.#chip(kind, label));
    return h("div", { class: "filter-group", role: "group", "aria-label": title }, h("h3", {}, title), ...chips);
  }

  /** @param {Kind} kind @param {string} label */
  #chip(kind, label) {
    const pressed = this.#filter[kind] === label;
    const toggle = () => this.#apply({ [kind]: pressed ? undefined : label });
    const chip = button(nameOf(label), toggle, `chip ${KINDS[kind].colour(label)}`);
    chip.setAttribute("aria-pressed", String(pressed));
    chip.dataset.filter = `${kind}:${label}`;
    return chip;
  }

  /** @param {"from" | "to"} name @param {string} title */
  #dayField(name, title) {
    const input = h("input", { type: "date", value: this.#filter[name] ?? "", "data-filter": name, class: "field" });
    input.addEventListener("change", () => this.#apply({ [name]: input.value || undefined }));
    return h("label", {}, h("span", {}, title), input);
  }

  #activeFilters() {
    const { from, to, ...labels } = this.#filter;
    const chip = (/** @type {string} */ text, /** @type {Filter} */ without) => {
      const remove = button(text, () => this.#apply(without), "chip active");
      remove.setAttribute("aria-label", t("journal.remove_filter", { text }));
      return h("li", {}, remove);
    };
    const days = [];
    if (from && from === to) days.push(chip(dayFromKey(from), { from: undefined, to: undefined }));
    else {
      if (from) days.push(chip(`from ${dayFromKey(from)}`, { from: undefined }));
      if (to) days.push(chip(`to ${dayFromKey(to)}`, { to: undefined }));
    }
    return [...days, ...Object.entries(labels).map(([kind, label]) => chip(nameOf(label), { [kind]: undefined }))];
  }

  /** @param {Filter} changes undefined removes a filter */
  #apply(changes) {
    location.hash = homeHash({ ...this.#filter, ...changes });
  }
}

/** How often each label occurs. @returns {Record<Kind, Map<string, number>>} */
const labelCounts = () => ({ emotion: new Map(), feeling: new Map(), topic: new Map() });

/** A filter in the API's format: times instead of days; `to` becomes the midnight after the last day. @param {Filter} filter */
export function apiFilter({ from, to, ...labels }) {
  return {
    ...(from ? { from: startOfDay(from).toISOString() } : {}),
    ...(to ? { to: startOfDay(to, 1).toISOString() } : {}),
    ...labels,
  };
}

/** Whether an entry matches, for lists that are filtered on this device. @param {EntryView} entry @param {Filter} filter */
export function matches(entry, filter) {
  const { from, to } = apiFilter(filter);
  const recordedAt = new Date(entry.recorded_at);
  if ((from && recordedAt < new Date(from)) || (to && recordedAt >= new Date(to))) return false;
  return KIND_NAMES.every((kind) => {
    const label = filter[kind];
    return !label || KINDS[kind].labelsOf(entry.insight).includes(label);
  });
}

/** When a day (2026-03-01) begins on this device. @param {string} key @param {number} [later] days after it */
export function startOfDay(key, later = 0) {
  const [year, month, date] = key.split("-").map(Number);
  return new Date(year, month - 1, date + later);
}
