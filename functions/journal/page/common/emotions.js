/** GoEmotions' 28 labels in seven families, so that a curve can be read by colour. */

import { h } from "./dom.js";

export const FAMILIES = {
  joy: ["joy", "amusement", "excitement", "optimism", "pride", "relief"],
  warmth: ["love", "caring", "gratitude", "admiration", "approval", "desire"],
  sadness: ["sadness", "disappointment", "grief", "remorse", "embarrassment"],
  fear: ["fear", "nervousness"],
  anger: ["anger", "annoyance", "disapproval", "disgust"],
  wonder: ["surprise", "realization", "confusion", "curiosity"],
  neutral: ["neutral"],
};

/** The journal's 18 feelings by the same colours. */
const FEELINGS = {
  joy: ["happy", "excited", "proud"],
  warmth: ["satisfied", "calm"],
  sadness: ["sad", "ashamed", "awkward", "nostalgic"],
  fear: ["afraid", "anxious"],
  anger: ["angry", "frustrated", "disgusted", "jealous"],
  wonder: ["surprised", "confused"],
  neutral: ["bored"],
};

const byLabel = (families) =>
  new Map(Object.entries(families).flatMap(([family, labels]) => labels.map((label) => [label, family])));

const FAMILY_OF = byLabel(FAMILIES);
const FEELING_FAMILY_OF = byLabel(FEELINGS);

export const family = (emotion) => FAMILY_OF.get(emotion) ?? "neutral";

export const feelingFamily = (feeling) => FEELING_FAMILY_OF.get(feeling) ?? "neutral";

/** The strongest of some scores, or null. */
export const leading = (scores) =>
  scores.reduce((best, score) => (best && best.confidence >= score.confidence ? best : score), null);

/** The strongest but neutral, which is the absence of any, or null. */
export const telling = (scores) => leading(scores.filter(({ emotion }) => emotion !== "neutral"));

export const familyOf = (scores) => family(leading(scores)?.emotion);

/** An emotion's name beside a dot of its family's colour. */
export const tag = (emotion, text = emotion) => h("span", { class: `tag ${family(emotion)}` }, text);

export function mood(sentiment) {
  if (sentiment > 0.5) return "bright";
  if (sentiment > 0.15) return "fairly bright";
  if (sentiment >= -0.15) return "even";
  return sentiment >= -0.5 ? "fairly heavy" : "heavy";
}
