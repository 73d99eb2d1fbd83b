/** The 28 emotions (GoEmotions) and 18 feelings in seven families, which share a colour. */

import { label, t } from "../texts/texts.js";
import { h } from "./dom.js";

/** @import { EmotionScore, InsightView } from "../client/samo.js" */

/** @type {Record<string, string[]>} */
export const FAMILIES = {
  joy: ["joy", "amusement", "excitement", "optimism", "pride", "relief"],
  warmth: ["love", "caring", "gratitude", "admiration", "approval", "desire"],
  sadness: ["sadness", "disappointment", "grief", "remorse", "embarrassment"],
  fear: ["fear", "nervousness"],
  anger: ["anger", "annoyance", "disapproval", "disgust"],
  wonder: ["surprise", "realization", "confusion", "curiosity"],
  neutral: ["neutral"],
};

/** @type {Record<string, string[]>} */
const FEELINGS = {
  joy: ["happy", "excited", "proud"],
  warmth: ["satisfied", "calm"],
  sadness: ["sad", "ashamed", "awkward", "nostalgic"],
  fear: ["afraid", "anxious"],
  anger: ["angry", "frustrated", "disgusted", "jealous"],
  wonder: ["surprised", "confused"],
  neutral: ["bored"],
};

const HARD_TO_TELL = t("common.hard_to_tell");
/** The labels that a user can choose; `neutral` is the absence of others. */
export const EMOTIONS = Object.values(FAMILIES)
  .flat()
  .filter((emotion) => emotion !== "neutral")
  .sort();
export const FEELING_LABELS = Object.values(FEELINGS).flat().sort();
export const TOPICS = [
  "exercise",
  "family",
  "food",
  "friends",
  "god",
  "health",
  "love",
  "recreation",
  "school",
  "sleep",
  "work",
];

/** @param {Record<string, string[]>} families */
const familyByLabel = (families) =>
  new Map(Object.entries(families).flatMap(([family, labels]) => labels.map((label) => [label, family])));

const EMOTION_FAMILY = familyByLabel(FAMILIES);
const FEELING_FAMILY = familyByLabel(FEELINGS);

/** @param {string} emotion */
export const emotionFamily = (emotion) => EMOTION_FAMILY.get(emotion) ?? "neutral";

/** @param {string} feeling */
export const feelingFamily = (feeling) => FEELING_FAMILY.get(feeling) ?? "neutral";

/**
 * The score with the highest confidence, or null.
 *
 * @param {EmotionScore[]} scores
 * @returns {EmotionScore | null}
 */
export const strongest = (scores) =>
  scores.reduce(
    (best, score) => (best && best.confidence >= score.confidence ? best : score),
    /** @type {EmotionScore | null} */ (null),
  );

/** The strongest score other than neutral, or null. @param {EmotionScore[]} scores */
export const strongestEmotion = (scores) => strongest(scores.filter(({ emotion }) => emotion !== "neutral"));

/** The family of the strongest emotion. Neutral counts only alone. @param {EmotionScore[]} scores */
export const dominantFamily = (scores) => emotionFamily(strongestEmotion(scores)?.emotion ?? "neutral");

/** Whether an entry shows emotions, but none clearly comes first. @param {InsightView} insight */
export const isHardToTell = ({ certain, emotions }) =>
  certain === false && emotions.some(({ emotion }) => emotion !== "neutral");

/** An entry's first emotion, "hard to tell", or null: the journal orders them. @param {InsightView} insight */
export function leadingEmotion(insight) {
  if (isHardToTell(insight)) return HARD_TO_TELL;
  return insight.emotions.find(({ emotion }) => emotion !== "neutral")?.emotion ?? null;
}

/** An emotion's name beside a dot in its family's colour. @param {string} emotion @param {string} [text] */
export const emotionTag = (emotion, text = label(emotion)) =>
  h("span", { class: `tag ${emotionFamily(emotion)}` }, text);

/** A sentiment (-1 to 1) in words. @param {number} sentiment */
export function mood(sentiment) {
  if (sentiment > 0.5) return "positive";
  if (sentiment > 0.15) return "fairly positive";
  if (sentiment >= -0.15) return "neutral";
  return sentiment >= -0.5 ? "fairly negative" : "negative";
}
