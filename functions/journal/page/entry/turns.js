/**
 * The course of a long entry: its mood, smoothed over neighbouring sentences, and where the mood turns.
 *
 * A sentence counts as much as its emotions are clear, so that plain reporting does not flatten what is felt.
 */

import { dominantFamily, emotionFamily, strongestEmotion } from "../common/emotions.js";
import { t } from "../texts/texts.js";

/** @import { ArcPointView } from "../client/samo.js" */

/** Entries with more sentences are smoothed. */
const MAX_DOTS = 24;
const MAX_TURNS = 5;
/** The least change of mood, of 2, that counts as a turn. */
const LEAST_TURN = 0.25;
/** Weight of a sentence without emotion, beside up to 1 for its clearest emotion. */
const PLAIN_WEIGHT = 0.15;
/** The smoothing's standard deviation: a share of the sentences. */
const BANDWIDTH = 1 / 18;
const MAX_SENTENCES = 3;

/** @typedef {{ sentiment: number, family: string }} Smoothed */
/**
 * @typedef {object} Stop a place on the arc that can be chosen
 * @property {number} index of its point
 * @property {string | null} name null if it is a single sentence
 * @property {number} sentiment
 * @property {string} family
 * @property {string[]} emotions strongest first
 * @property {number[]} segments the sentences behind it
 */

/** @param {ArcPointView[]} points */
export const isLong = (points) => points.length > MAX_DOTS;

/** Whether a curve has something to show: at least two sentences, and an emotion. @param {ArcPointView[]} points */
export const hasCourse = (points) => points.length > 1 && points.some(({ emotions }) => strongestEmotion(emotions));

/** One stop for each sentence. @param {ArcPointView[]} points @returns {Stop[]} */
export const everySentence = (points) =>
  points.map(({ segment, sentiment, emotions }, index) => ({
    index,
    name: null,
    sentiment,
    family: dominantFamily(emotions),
    emotions: emotions.map(({ emotion }) => emotion),
    segments: [segment],
  }));

/** The mood at each sentence, smoothed. @param {ArcPointView[]} points @returns {Smoothed[]} */
export function smooth(points) {
  return points.map((_, index) => {
    const shares = points.map((point, other) => nearness(index - other, points.length) * weight(point));
    const total = shares.reduce((sum, share) => sum + share, 0);
    const sentiment = shares.reduce((sum, share, other) => sum + share * points[other].sentiment, 0) / total;
    const families = points.map(({ emotions }, other) => [dominantFamily(emotions), shares[other]]);
    return { sentiment, family: heaviest(/** @type {[string, number][]} */ (families))[0] };
  });
}

/**
 * The beginning, the turning points and the end, each with the sentences behind it.
 *
 * @param {ArcPointView[]} points
 * @param {Smoothed[]} smoothed
 * @returns {Stop[]}
 */
export function turningPoints(points, smoothed) {
  const last = points.length - 1;
  const margin = Math.ceil(points.length * BANDWIDTH);
  const inside = largestTurns(smoothed.map(({ sentiment }) => sentiment)).filter(
    ({ index }) => index > margin && index < last - margin,
  );
  return [
    stop(t("entry.beginning"), 0, points, smoothed),
    ...inside.map(({ index, high }) =>
      stop(high ? t("entry.high_point") : t("entry.low_point"), index, points, smoothed),
    ),
    stop(t("entry.end"), last, points, smoothed),
  ];
}

/** The turns; if there are many, the largest. @param {number[]} values */
function largestTurns(values) {
  const found = turns(values, LEAST_TURN);
  const swings = found.map(({ index }, at) => {
    const neighbours = [found[at - 1]?.index ?? 0, found[at + 1]?.index ?? values.length - 1];
    return Math.min(...neighbours.map((other) => Math.abs(values[index] - values[other])));
  });
  const least = [...swings].sort((a, b) => b - a)[MAX_TURNS - 1] ?? 0;
  return found.filter((_, at) => swings[at] >= least).slice(0, MAX_TURNS);
}

/**
 * Where values turn by at least `least`: alternating highs and lows.
 *
 * @param {number[]} values
 * @param {number} least
 */
export function turns(values, least) {
  /** @type {{ index: number, high: boolean }[]} */
  const found = [];
  let [low, high, direction] = [0, 0, 0];
  for (const [index, value] of values.entries()) {
    if (value < values[low]) low = index;
    if (value > values[high]) high = index;
    if (direction >= 0 && values[high] - value >= least) {
      found.push({ index: high, high: true });
      [low, direction] = [index, -1];
    } else if (direction <= 0 && value - values[low] >= least) {
      found.push({ index: low, high: false });
      [high, direction] = [index, 1];
    }
  }
  return found;
}

/** @param {string} name @param {number} index @param {ArcPointView[]} points @param {Smoothed[]} smoothed @returns {Stop} */
function stop(name, index, points, smoothed) {
  const { sentiment, family } = smoothed[index];
  const high = name === t("entry.high_point") || (name !== t("entry.low_point") && sentiment >= 0);
  const behind = sentencesBehind(index, high, points);
  const named = behind.flatMap((point) => point.emotions).filter(({ emotion }) => emotion !== "neutral");
  const emotions = heaviest(named.map(({ emotion, confidence }) => [emotion, confidence]));
  return {
    index,
    name,
    sentiment,
    family: emotions.length > 0 ? emotionFamily(emotions[0]) : family,
    emotions,
    segments: behind.map(({ segment }) => segment),
  };
}

/**
 * The sentences near a stop that pull the mood up or down, in order; the nearest one if none does.
 *
 * @param {number} index
 * @param {boolean} up
 * @param {ArcPointView[]} points
 */
function sentencesBehind(index, up, points) {
  const pull = (/** @type {ArcPointView} */ point, /** @type {number} */ other) =>
    nearness(index - other, points.length) * weight(point) * (up ? point.sentiment : -point.sentiment);
  const reach = Math.max(3, 2 * points.length * BANDWIDTH);
  const pulling = points
    .map((point, other) => ({ point, other, pull: pull(point, other) }))
    .filter(({ other, pull }) => pull > 0.02 && Math.abs(index - other) <= reach)
    .sort((a, b) => b.pull - a.pull)
    .slice(0, MAX_SENTENCES)
    .sort((a, b) => a.other - b.other);
  return pulling.length > 0 ? pulling.map(({ point }) => point) : [points[index]];
}

/** @param {ArcPointView} point */
const weight = ({ emotions }) => PLAIN_WEIGHT + (strongestEmotion(emotions)?.confidence ?? 0);

/** From 1 at the same sentence to 0. @param {number} distance @param {number} sentences */
const nearness = (distance, sentences) => Math.exp(-0.5 * (distance / (sentences * BANDWIDTH)) ** 2);

/** Names by their total weight, the heaviest first. @param {[string, number][]} weighted */
function heaviest(weighted) {
  /** @type {Map<string, number>} */
  const totals = new Map();
  for (const [name, weight] of weighted) totals.set(name, (totals.get(name) ?? 0) + weight);
  return [...totals].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}
