/** The fields of the corrections panel: labels, title, mood, and the choice of a sentence. */

import { button, h } from "../common/dom.js";
import { mood } from "../common/emotions.js";
import { label as nameOf, t } from "../texts/texts.js";
import { position } from "./arc_parts.js";

/** @import { ArcPointView, InsightView, Segment } from "../client/samo.js" */

/**
 * @typedef {object} Field what every field needs
 * @property {string} name identifies its controls, in `data-correct`
 * @property {boolean} corrected
 * @property {(change: (value: any) => any, message: string, next: string) => void} onChange `change`: from the value
 *   as it is by then; `next`: the control to focus afterwards
 * @property {() => void} onTakeBack
 * @property {Map<string, string>} pending what is chosen or typed but not applied yet, by control; outlives a redraw
 */

/** A sentiment in the middle of each mood's range. */
const MOODS = [0.8, 0.3, 0, -0.3, -0.8];
const MAX_SENTENCE = 60;
export const MAX_TITLE = 100;

/** @param {{ title: string, labels: string[], choices: string[] }} group @param {Field} field */
export function labelGroup({ title, labels, choices }, field) {
  const { name } = field;
  const rows = labels.map((label, index) => {
    const others = choices.filter((choice) => !labels.includes(choice));
    const onChoose = (/** @type {string} */ chosen) => {
      const change = (/** @type {string[]} */ all) => all.map((other) => (other === label ? chosen : other));
      field.onChange(change, t("entry.is_now", { label: nameOf(label), chosen: nameOf(chosen) }), `${name}:${index}`);
    };
    const remove = () => {
      const change = (/** @type {string[]} */ all) => all.filter((other) => other !== label);
      field.onChange(change, t("entry.removed", { label: nameOf(label) }), `${name}:add`);
    };
    const removal = button(t("entry.remove"), remove, "quiet danger");
    removal.setAttribute("aria-label", t("entry.remove_2", { label }));
    const choice = {
      label: `${title}: ${nameOf(label)}`,
      name: `${name}:${index}`,
      options: [label, ...others],
      action: t("entry.change"),
    };
    return h("li", {}, select(choice, field.pending, onChoose), removal);
  });
  const unused = choices.filter((choice) => !labels.includes(choice));
  const options = [t("entry.add"), ...unused];
  const choice = { label: `${title}: add`, name: `${name}:add`, options, action: t("entry.add_2") };
  const add = select(choice, field.pending, (chosen) => {
    const change = (/** @type {string[]} */ all) => [...all, chosen];
    field.onChange(change, t("entry.added", { chosen }), `${name}:add`);
  });
  return fields(
    title,
    field,
    labels.length > 0
      ? h("ul", { class: "correct-labels" }, ...rows)
      : h("p", { class: "quiet-text" }, t("entry.none")),
    add,
  );
}

/** @param {InsightView} insight @param {Field} field */
export function titleForm({ title }, field) {
  const input = h("input", {
    class: "field",
    "aria-label": t("entry.title"),
    "data-correct": "title",
    maxlength: MAX_TITLE,
    value: field.pending.get("title") ?? title ?? "",
    dir: "auto",
    placeholder: t("entry.no_title"),
  });
  input.addEventListener("input", () => field.pending.set("title", input.value));
  const onsubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    field.pending.delete("title");
    const text = input.value.trim();
    if (text) field.onChange(() => text, t("entry.title_saved"), "title");
    else remove();
  };
  const remove = () => field.onChange(() => null, t("entry.title_removed"), "title");
  const removal = button(t("entry.remove"), remove, "quiet danger");
  removal.setAttribute("aria-label", t("entry.remove_the_title"));
  const save = h("button", { type: "submit", class: "plain" }, t("entry.save_title"));
  return fields(
    t("entry.title"),
    field,
    h("form", { class: "correct-title", onsubmit }, input, save, title && removal),
  );
}

/** @param {InsightView} insight @param {Field} field */
export function moodField({ sentiment }, field) {
  /** @type {string[]} */
  const words = MOODS.map(mood);
  const current = sentiment === null ? t("common.no_mood") : mood(sentiment);
  const options = [current, ...[...words, t("common.no_mood")].filter((word) => word !== current)];
  const choice = select(
    { label: t("entry.mood"), name: "mood", options, action: t("common.save") },
    field.pending,
    (chosen) => {
      const value = chosen === t("common.no_mood") ? null : MOODS[words.indexOf(chosen)];
      field.onChange(() => value, t("entry.the_mood_is_now", { chosen }), "mood");
    },
  );
  return fields(t("entry.mood"), field, choice);
}

/** @param {ArcPointView[]} points @param {Segment[]} segments @param {number} current @param {(segment: number) => void} onPick */
export function sentencePicker(points, segments, current, onPick) {
  const options = points.map((point) => {
    const words = segments[point.segment].text;
    const text = words.length > MAX_SENTENCE ? `${words.slice(0, MAX_SENTENCE - 1)}…` : words;
    return h("option", { value: point.segment, selected: point.segment === current }, `${position(point)}: ${text}`);
  });
  const picker = h("select", { class: "field", "data-correct": "sentence" }, ...options);
  picker.addEventListener("change", () => onPick(Number(picker.value)));
  return h("label", { class: "labelled" }, h("span", {}, t("entry.one_sentence")), picker);
}

/** A group of controls, with the way back. @param {string} title @param {Field} field @param {HTMLElement[]} controls */
function fields(title, { corrected, onTakeBack }, ...controls) {
  const back = button(t("entry.take_back"), onTakeBack);
  back.setAttribute("aria-label", t("entry.take_back_2", { title }));
  const note =
    corrected && h("p", { class: "correct-note" }, h("span", { class: "changed" }, t("entry.changed_by_you")), back);
  return h("fieldset", { class: "correct" }, h("legend", {}, title), ...controls, note);
}

/**
 * A choice whose first option is the present state. A button applies it: a list that acts by itself does so at every
 * arrow key.
 *
 * @param {{ label: string, name: string, options: string[], action: string }} choice
 * @param {Map<string, string>} pending
 * @param {(chosen: string) => void} onChoose
 */
function select({ label, name, options, action }, pending, onChoose) {
  const kept = pending.get(name) ?? "";
  const chosen = options.includes(kept) ? kept : options[0];
  const items = options.map((option) => h("option", { value: option, selected: option === chosen }, nameOf(option)));
  const list = h("select", { class: "field", "aria-label": label, "data-correct": name }, ...items);
  const apply = button(
    action,
    () => {
      pending.delete(name);
      onChoose(list.value);
    },
    "plain",
  );
  const offer = () => {
    apply.hidden = list.value === options[0];
    apply.setAttribute("aria-label", `${label}: ${action} ${nameOf(list.value)}`);
  };
  offer();
  list.addEventListener("change", () => {
    pending.set(name, list.value);
    offer();
  });
  return h("div", { class: "correct-choice" }, list, apply);
}
