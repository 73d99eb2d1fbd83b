/** Corrections: the panel in which the user says what is right in an entry, and the way back. */

import { confirm } from "../common/dialog.js";
import { alertText, announce, button, h } from "../common/dom.js";
import { EMOTIONS, FEELING_LABELS, TOPICS } from "../common/emotions.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";
import { labelGroup, moodField, sentencePicker, titleForm } from "./correction_fields.js";

/** @import { EntryView, InsightPart, InsightView, NewCorrections } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

/** @typedef {{ part: InsightPart, segment?: number }} Subject a part of the entry, or the emotions of one segment */
/** @typedef {(entry: EntryView) => Promise<EntryView>} Change changes the entry as it is by then */
/** @typedef {{ message: string, change: Change }} Undo */

/** The parts that are lists of labels. @type {["emotions" | "feelings" | "topics", string, string[]][]} */
const LISTS = [
  ["emotions", t("entry.emotions"), EMOTIONS],
  ["feelings", t("entry.feelings"), FEELING_LABELS],
  ["topics", t("entry.topics"), TOPICS],
];
const EVERYTHING = t("entry.what_samo_found_is_shown_again");

export class Corrections {
  #open = false;
  #problem = "";
  #segment = 0;
  /** @type {Map<string, string>} What is chosen or typed but not applied yet, by control. */
  #pending = new Map();
  /** @type {Undo | null} */
  #undo = null;
  /** @type {EntryView | null} The entry after the last change. */
  #entry = null;
  /** Changes are made one after the other, so that none is computed from what another has replaced. */
  #queue = Promise.resolve();
  #onChange;
  #redraw;

  /** @param {{ onChange: (entry: EntryView) => void, redraw: () => void }} listener `onChange` gets the corrected entry */
  constructor({ onChange, redraw }) {
    this.#onChange = onChange;
    this.#redraw = redraw;
  }

  /** The state that the panel depends on. */
  get state() {
    return [this.#open, this.#problem, this.#segment, this.#undo?.message];
  }

  close() {
    [this.#open, this.#problem, this.#segment, this.#undo, this.#entry] = [false, "", 0, null, null];
    this.#pending.clear();
  }

  /** The button that opens the panel. */
  toggle() {
    const control = button(t("entry.is_this_right"), () => this.#show(!this.#open), "quiet correct-toggle");
    control.setAttribute("aria-expanded", String(this.#open));
    control.setAttribute("aria-controls", "entry-corrections");
    return h("div", { class: "correct-foot" }, control);
  }

  /** The content of the panel; null if it is closed. @param {EntryView} entry @returns {Child[] | null} */
  panel(entry) {
    if (!this.#open) return null;
    this.#entry = entry;
    const { insight } = entry;
    const anything = isCorrected(insight);
    return [
      h("h2", { id: "corrections-title", tabindex: -1 }, t("entry.what_is_right")),
      h("p", { class: "quiet-text" }, t("entry.what_you_say_replaces_what_samo")),
      ...this.#status(),
      titleForm(insight, this.#field(entry, { part: "title" })),
      ...LISTS.map(([part, title, choices]) => {
        const labels = /** @type {string[]} */ (currentValue(entry, { part }));
        return labelGroup({ title, labels, choices }, this.#field(entry, { part }));
      }),
      moodField(insight, this.#field(entry, { part: "mood" })),
      this.#sentence(entry),
      h(
        "div",
        { class: "actions" },
        button(t("common.done"), () => this.#show(false), "plain"),
        anything && button(t("entry.take_everything_back"), () => this.#takeEverythingBack(), "quiet danger"),
      ),
    ];
  }

  /** @param {boolean} open */
  #show(open) {
    [this.#open, this.#problem, this.#undo] = [open, "", null];
    this.#pending.clear();
    this.#redraw();
    focus(open ? "#corrections-title" : ".correct-toggle");
  }

  #status() {
    const undo = this.#undo;
    return [
      this.#problem && alertText(this.#problem),
      undo &&
        h(
          "p",
          { class: "correct-status" },
          undo.message,
          button(
            t("entry.undo"),
            () => this.#run(undo.change, null, t("entry.undone"), "#corrections-title"),
            "plain correct-undo",
          ),
        ),
    ];
  }

  /** The emotions of one sentence. @param {EntryView} entry */
  #sentence(entry) {
    const points = entry.insight.arc ?? [];
    if (points.length < 2 || !entry.transcript) return null;
    const segment = points.some((point) => point.segment === this.#segment) ? this.#segment : points[0].segment;
    const picker = sentencePicker(points, entry.transcript.segments, segment, (picked) => {
      this.#segment = picked;
      this.#redraw();
      focus('[data-correct="sentence"]');
    });
    const subject = /** @type {Subject} */ ({ part: "emotions", segment });
    const labels = /** @type {string[]} */ (currentValue(entry, subject));
    const group = { title: t("entry.emotions_of_this_sentence"), labels, choices: EMOTIONS };
    return h("div", { class: "correct-sentence" }, picker, labelGroup(group, this.#field(entry, subject)));
  }

  /** What the fields of a subject need. @param {EntryView} entry @param {Subject} subject */
  #field({ insight }, subject) {
    return {
      name: subject.segment === undefined ? subject.part : `segment-${subject.segment}`,
      pending: this.#pending,
      corrected: isCorrected(insight, subject),
      onChange: (
        /** @type {(value: any) => any} */ change,
        /** @type {string} */ message,
        /** @type {string} */ next,
      ) => {
        const run = (/** @type {EntryView} */ entry) => {
          const value = withoutNeutral(change(currentValue(entry, subject)));
          return api.correct(entry.id, changesOf(entry, subject, value));
        };
        this.#run(run, subject, message, `[data-correct="${next}"]`);
      },
      onTakeBack: () => {
        const run = (/** @type {EntryView} */ { id }) => api.takeBack(id, takenBack(subject));
        this.#run(run, subject, t("entry.shown_as_samo_found_it"), ".correct-undo");
      },
    };
  }

  async #takeEverythingBack() {
    if (!(await confirm(t("entry.take_all_your_changes_back"), EVERYTHING, t("entry.take_back")))) return;
    this.#run(
      ({ id }) => api.takeBack(id, {}),
      null,
      t("entry.everything_is_shown_as_samo_found"),
      "#corrections-title",
    );
  }

  /**
   * Make a change after those before it, and announce it.
   *
   * @param {Change} change
   * @param {Subject | null} subject what can be undone; null for nothing
   * @param {string} message
   * @param {string} next what gets the focus
   */
  #run(change, subject, message, next) {
    this.#queue = this.#queue.then(async () => {
      const before = this.#entry;
      if (!before) return;
      try {
        const changed = await change(before);
        if (this.#entry?.id !== before.id) return; // another entry was opened in the meantime
        this.#entry = changed;
        [this.#problem, this.#undo] = ["", subject && { message, change: restoring(before, subject) }];
        announce(message);
        this.#onChange(changed);
      } catch (error) {
        this.#problem = messageOf(error);
        this.#redraw();
      }
      focus(next, "#corrections-title");
    });
  }
}

/** Whether the user corrected a subject, or anything. @param {InsightView} insight @param {Subject} [subject] */
function isCorrected(insight, subject) {
  const { corrected = [], arc } = insight;
  if (!subject) return corrected.length > 0 || (arc ?? []).some((point) => point.corrected);
  if (subject.segment === undefined) return corrected.includes(subject.part);
  return (arc ?? []).some((point) => point.segment === subject.segment && point.corrected);
}

/** @param {EntryView} entry @param {Subject} subject */
function currentValue({ insight }, { part, segment }) {
  if (part === "title") return insight.title ?? null;
  if (part === "mood") return insight.sentiment;
  if (part !== "emotions") return insight[part].map(({ label }) => label);
  const point = (insight.arc ?? []).find((candidate) => candidate.segment === segment);
  return (segment === undefined ? insight.emotions : (point?.emotions ?? [])).map(({ emotion }) => emotion);
}

/**
 * @param {EntryView} entry @param {Subject} subject @param {string[] | string | number | null} value
 * @returns {NewCorrections}
 */
function changesOf({ revision }, { part, segment }, value) {
  if (segment === undefined) return { [part]: value, revision };
  return { segments: [{ segment, emotions: /** @type {string[]} */ (value) }], revision };
}

/** `neutral` is no emotion beside others. @param {any} value */
const withoutNeutral = (value) =>
  Array.isArray(value) && value.length > 1 ? value.filter((label) => label !== "neutral") : value;

/** @param {Subject} subject */
const takenBack = ({ part, segment }) => (segment === undefined ? { part } : { segment });

/** A change that restores a subject as it is now. @param {EntryView} entry @param {Subject} subject @returns {Change} */
function restoring(entry, subject) {
  const changes = changesOf(entry, subject, currentValue(entry, subject));
  return isCorrected(entry.insight, subject)
    ? ({ id }) => api.correct(id, changes)
    : ({ id }) => api.takeBack(id, takenBack(subject));
}

/** Focus the first of these elements that exists. @param {string[]} selectors */
function focus(...selectors) {
  const found = selectors.map((selector) => document.querySelector(selector)).find(Boolean);
  /** @type {HTMLElement | undefined} */ (found)?.focus();
}
