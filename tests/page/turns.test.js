import assert from "node:assert/strict";
import { test } from "node:test";
import {
  everySentence,
  hasCourse,
  isLong,
  smooth,
  turningPoints,
  turns,
} from "../../functions/journal/page/entry/turns.js";

/** Points whose sentiments and emotions repeat over stretches. @param {[number, number, string][]} stretches */
const pointsOf = (stretches) =>
  stretches
    .flatMap(([count, sentiment, emotion]) => Array.from({ length: count }, () => ({ sentiment, emotion })))
    .map(({ sentiment, emotion }, segment) => ({
      segment,
      start: null,
      end: null,
      sentiment,
      emotions: emotion ? [{ emotion, confidence: 0.8 }] : [],
    }));

/** Twenty worried sentences, twenty happy, twenty sad. */
const DAY = pointsOf([
  [20, -0.7, "fear"],
  [20, 0.8, "joy"],
  [20, -0.8, "sadness"],
]);

test("a plain entry and a single sentence have no curve", () => {
  assert.ok(!hasCourse(pointsOf([[5, 0, ""]])));
  assert.ok(!hasCourse(pointsOf([[5, 0, "neutral"]])));
  assert.ok(!hasCourse(pointsOf([[1, 0.8, "joy"]])));
  assert.ok(
    hasCourse(
      pointsOf([
        [1, 0.8, "joy"],
        [4, 0, ""],
      ]),
    ),
  );
});

test("up to 24 sentences have a dot each", () => {
  const short = DAY.slice(0, 24);
  assert.ok(!isLong(short));
  assert.ok(isLong(DAY.slice(0, 25)));
  const stops = everySentence(short);
  assert.deepEqual(
    stops.map(({ segments }) => segments),
    short.map(({ segment }) => [segment]),
  );
  assert.deepEqual([stops[0].name, stops[0].family, stops[0].emotions], [null, "fear", ["fear"]]);
});

test("a long entry has stops where it begins, turns and ends, not at every sentence", () => {
  const stops = turningPoints(DAY, smooth(DAY));
  assert.deepEqual(
    stops.map(({ name, emotions }) => [name, emotions]),
    [
      ["Beginning", ["fear"]],
      ["High point", ["joy"]],
      ["End", ["sadness"]],
    ],
  );
  assert.ok(stops[1].index >= 20 && stops[1].index < 40);
});

test("a turning point names at most three sentences, in order, that pull the mood its way", () => {
  const [, high] = turningPoints(DAY, smooth(DAY));
  assert.ok(high.segments.length >= 1 && high.segments.length <= 3);
  assert.deepEqual(
    high.segments,
    [...high.segments].sort((a, b) => a - b),
  );
  for (const segment of high.segments) assert.ok(DAY[segment].sentiment > 0, `${segment}`);
});

test("one bright sentence in a heavy entry is no turning point", () => {
  const points = pointsOf([
    [25, -0.7, "sadness"],
    [1, 0.9, "joy"],
    [25, -0.7, "sadness"],
  ]);
  const stops = turningPoints(points, smooth(points));
  assert.deepEqual(
    stops.map(({ name }) => name),
    ["Beginning", "End"],
  );
});

test("plain reporting does not flatten what is felt", () => {
  const felt = pointsOf([[40, 0, ""]]);
  for (const index of [18, 20, 22]) {
    felt[index] = { ...felt[index], sentiment: 0.9, emotions: [{ emotion: "joy", confidence: 0.9 }] };
  }
  const peak = Math.max(...smooth(felt).map(({ sentiment }) => sentiment));
  assert.ok(peak > 0.5, `${peak}`);
});

test("an entry without emotions is a level line with a beginning and an end", () => {
  const plain = pointsOf([[30, 0, ""]]);
  const smoothed = smooth(plain);
  assert.ok(smoothed.every(({ sentiment, family }) => sentiment === 0 && family === "neutral"));
  const stops = turningPoints(plain, smoothed);
  assert.deepEqual(
    stops.map(({ segments }) => segments),
    [[0], [29]],
  );
});

test("of many turning points the five largest are marked", () => {
  const restless = pointsOf(
    [0.5, -0.8, 0.8, -0.8, 0.8, -0.8, 0.8, -0.8, 0.5].map((sentiment) => [
      20,
      sentiment,
      sentiment > 0 ? "joy" : "anger",
    ]),
  );
  const stops = turningPoints(restless, smooth(restless));
  assert.equal(stops.length, 7);
});

test("turns alternate between highs and lows, and ignore smaller changes", () => {
  assert.deepEqual(turns([0, 1, 0.9, 1.1, 0, 0.2, 0.1, 1], 0.5), [
    { index: 0, high: false },
    { index: 3, high: true },
    { index: 4, high: false },
  ]);
  assert.deepEqual(turns([0.3, 0.3, 0.3], 0.5), []);
});
