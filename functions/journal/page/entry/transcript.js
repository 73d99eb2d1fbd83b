/** The words: spoken sentences as timed rows, written ones as the prose they are. */

import { h } from "../common/dom.js";
import { familyOf, leading, tag } from "../common/emotions.js";
import { clock } from "../common/format.js";

export class TranscriptView {
  #sentences;

  /** `points` by segment, as far as there are any; `onPick` null where sentences cannot be played. */
  constructor(transcript, points, { onPick, onLook }) {
    const felt = new Map(points.map((point) => [point.segment, point.emotions]));
    const timed = transcript.segments.some((segment) => typeof segment.start === "number");
    this.element = timed ? rows(transcript, felt, onPick) : prose(transcript, felt);
    this.#sentences = new Map(
      [...this.element.querySelectorAll("[data-segment]")].map((node) => [Number(node.dataset.segment), node]),
    );
    for (const [segment, node] of this.#sentences) {
      node.addEventListener("pointerenter", () => onLook(segment));
      node.addEventListener("focusin", () => onLook(segment));
    }
  }

  /** Show which sentence is being played; null for none. */
  highlight(segment) {
    for (const [index, node] of this.#sentences) {
      node.classList.toggle("current", index === segment);
      if (index === segment) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    }
  }
}

function rows(transcript, felt, onPick) {
  const row = (segment, index) => {
    const content = [
      h("span", { class: "when" }, clock(segment.start)),
      h("span", { class: "said" }, segment.text),
      note(felt.get(index)),
    ];
    const line = onPick
      ? h("button", { type: "button", class: "sentence", onclick: () => onPick(index) }, ...content)
      : h("div", { class: "sentence" }, ...content);
    return h("li", { "data-segment": index, class: familyOf(felt.get(index) ?? []) }, line);
  };
  return h("ol", { class: "spoken" }, ...transcript.segments.map(row));
}

/** The sentences where they stand in the text, with whatever white space the writer put between them. */
function prose(transcript, felt) {
  const text = h("div", { class: "prose" });
  let at = 0;
  transcript.segments.forEach((segment, index) => {
    const start = Math.max(at, transcript.text.indexOf(segment.text, at));
    text.append(transcript.text.slice(at, start));
    const emotions = felt.get(index);
    const attributes = { "data-segment": index, class: `written ${familyOf(emotions ?? [])}` };
    text.append(h("span", attributes, segment.text, note(emotions)));
    at = start + segment.text.length;
  });
  text.append(transcript.text.slice(at));
  return text;
}

function note(emotions) {
  const strongest = emotions && leading(emotions);
  return strongest && strongest.emotion !== "neutral" ? h("span", { class: "note" }, tag(strongest.emotion)) : null;
}
