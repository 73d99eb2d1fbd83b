/** The transcript: spoken sentences as timed rows, written text as prose. */

import { h } from "../common/dom.js";
import { dominantFamily, emotionTag, strongestEmotion } from "../common/emotions.js";
import { clock, languageName } from "../common/format.js";
import { ownWords } from "../common/language.js";
import { t } from "../texts/texts.js";

/** @import { ArcPointView, EmotionScore, Segment, TranscriptView as Transcript } from "../client/samo.js" */

/** @typedef {((segment: number) => void) | null} OnPick */

export class TranscriptView {
  /** @type {Map<number, HTMLElement>} */
  #sentences = new Map();

  /**
   * @param {Transcript} transcript
   * @param {ArcPointView[]} points by segment, as far as they exist
   * @param {{ onPick: OnPick, onHover: (segment: number) => void }} listener `onPick` is null if sentences cannot
   *   be played
   */
  constructor(transcript, points, { onPick, onHover }) {
    const emotions = new Map(points.map((point) => [point.segment, point.emotions]));
    const timed = transcript.segments.some((segment) => typeof segment.start === "number");
    this.element = timed ? spokenRows(transcript, emotions, onPick) : prose(transcript, emotions);
    for (const element of this.element.querySelectorAll(/** @type {"span"} */ ("[data-segment]"))) {
      const segment = Number(element.dataset.segment);
      this.#sentences.set(segment, element);
      element.addEventListener("pointerenter", () => onHover(segment));
      element.addEventListener("focusin", () => onHover(segment));
    }
  }

  /** Scroll to a sentence and mark it. @param {number} segment */
  reveal(segment) {
    this.highlight(segment);
    this.#sentences.get(segment)?.scrollIntoView({ block: "center" });
  }

  /** Mark the sentence that is playing; null for none. @param {number | null} current */
  highlight(current) {
    for (const [segment, element] of this.#sentences) {
      element.classList.toggle("current", segment === current);
      if (segment === current) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
  }
}

/** @param {Transcript} transcript @param {Map<number, EmotionScore[]>} emotions @param {OnPick} onPick */
function spokenRows({ segments }, emotions, onPick) {
  const mixed = isMixed(segments);
  const row = (/** @type {Segment} */ segment, /** @type {number} */ index) => {
    const scores = emotions.get(index) ?? [];
    const content = [
      h("span", { class: "when" }, clock(segment.start ?? 0)),
      h("span", { class: `sentence-text ${segment.left_out ? "left-out" : ""}`, ...words(segment) }, segment.text),
      doubtNote(segment) || (mixed && languageNote(segment)),
      emotionNote(scores),
    ];
    const line = onPick
      ? h("button", { type: "button", class: "sentence", onclick: () => onPick(index) }, ...content)
      : h("div", { class: "sentence" }, ...content);
    return h("li", { "data-segment": index, class: dominantFamily(scores) }, line);
  };
  return h("ol", { class: "spoken" }, ...segments.map(row));
}

/** Sentences with their original white space. @param {Transcript} transcript @param {Map<number, EmotionScore[]>} emotions */
function prose({ text, segments }, emotions) {
  const element = h("div", { class: "prose", dir: "auto" });
  const mixed = isMixed(segments);
  let position = 0;
  segments.forEach((segment, index) => {
    const start = Math.max(position, text.indexOf(segment.text, position));
    element.append(text.slice(position, start));
    const scores = emotions.get(index) ?? [];
    const { lang } = words(segment);
    const attributes = { "data-segment": index, class: `written ${dominantFamily(scores)}`, lang };
    const note = mixed ? languageNote(segment) : null;
    element.append(h("span", attributes, segment.text, emotionNote(scores), note));
    position = start + segment.text.length;
  });
  element.append(text.slice(position));
  return element;
}

/** @param {Segment} segment */
const words = ({ language, left_out }) => ownWords(left_out ? null : language);

/** Whether only some sentences are in another language. @param {Segment[]} segments */
const isMixed = (segments) => segments.some(({ language, left_out }) => !language && !left_out);

/** Says that a sentence is not analysed. @param {Segment} segment */
function languageNote({ language }) {
  if (!language || language === "en") return null;
  return h(
    "span",
    { class: "language-note", lang: "en", dir: "ltr" },
    t("entry.not_analysed_yet", { language: languageName(language) }),
  );
}

/** @type {Record<string, string>} */
const DOUBTS = {
  unsupported_language: t("entry.left_out_the_words_in_another"),
  unclear: t("entry.left_out_the_words_could_not"),
  faint: t("entry.hardly_audible_the_words_may_be"),
  unsure: t("entry.hard_to_understand_the_words_may"),
  cut_off: t("entry.repetitions_were_cut_here_more_may"),
};

/** Why words are missing or may be wrong. @param {Segment} segment */
function doubtNote({ left_out, uncertain }) {
  const reason = left_out ?? uncertain;
  return reason && DOUBTS[reason] && h("span", { class: "doubt-note" }, DOUBTS[reason]);
}

/** @param {EmotionScore[]} scores */
function emotionNote(scores) {
  const emotion = strongestEmotion(scores)?.emotion;
  return emotion && h("span", { class: "emotion-note" }, emotionTag(emotion));
}
