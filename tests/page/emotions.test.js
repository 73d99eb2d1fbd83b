import assert from "node:assert/strict";
import { test } from "node:test";
import { dominantFamily, leadingEmotion, mood } from "../../functions/journal/page/common/emotions.js";
import { claimsOf } from "../../functions/journal/page/entry/claims.js";
import { entry } from "./entries.js";

const score = (/** @type {string} */ emotion, confidence = 0.5) => ({ emotion, confidence });

test("a sentiment has the same words as in the journal's claims", () => {
  const words = [0.51, 0.5, 0.15, -0.15, -0.5, -0.51].map(mood);
  assert.deepEqual(words, ["positive", "fairly positive", "neutral", "neutral", "fairly negative", "negative"]);
});

test("an entry's first emotion leads, even if another is more probable", () => {
  const { insight } = entry({ insight: { emotions: [score("grief", 0.6), score("love", 0.9)] } });
  assert.equal(leadingEmotion(insight), "grief");
});

test("neutral never leads, and colours only what has no other emotion", () => {
  const { insight } = entry({ insight: { emotions: [score("neutral", 0.9), score("annoyance", 0.3)] } });
  assert.equal(leadingEmotion(insight), "annoyance");
  assert.equal(leadingEmotion(entry({ insight: { emotions: [score("neutral")] } }).insight), null);
  assert.equal(dominantFamily([score("neutral", 0.9), score("annoyance", 0.3)]), "anger");
  assert.equal(dominantFamily([score("neutral")]), "neutral");
});

test("where the first emotion is not clear, the list says so", () => {
  const emotions = [score("fear"), score("anger")];
  assert.equal(leadingEmotion(entry({ insight: { emotions, certain: false } }).insight), "hard to tell");
  assert.equal(leadingEmotion(entry({ insight: { emotions, certain: true } }).insight), "fear");
  assert.equal(leadingEmotion(entry({ insight: { emotions } }).insight), "fear", "stored before it was known");
  assert.equal(leadingEmotion(entry({ insight: { emotions: [], certain: false } }).insight), null);
});

test("entries stored on the device before claims existed show labels without sentences", () => {
  const emotions = ["neutral", "joy", "love", "pride", "relief", "gratitude"].map((emotion) => score(emotion));
  const feelings = ["happy", "proud", "calm", "excited"].map((label) => ({ label, confidence: 0.5 }));
  const claims = claimsOf(entry({ insight: { emotions, feelings } }).insight);
  assert.deepEqual(
    claims.map(({ label }) => label),
    ["joy", "love", "pride", "relief", "happy", "proud", "calm"],
  );
  assert.ok(claims.every(({ segments, strength }) => segments === null && strength === null));
});

test("claims are shown as the journal made them", () => {
  const claims = [{ kind: "emotion", label: "joy", strength: "somewhat", segments: [1] }];
  assert.deepEqual(claimsOf(entry({ insight: { emotions: [score("joy"), score("love")], claims } }).insight), claims);
});

test("what the user stated has no sentences to open, and what they did not keeps its own", () => {
  const emotion = { kind: "emotion", label: "joy", strength: null, segments: [] };
  const topic = { kind: "topic", label: "work", strength: null, segments: [1] };
  const { insight } = entry({ insight: { claims: [emotion, topic], corrected: ["emotions"] } });
  assert.deepEqual(claimsOf(insight), [{ ...emotion, segments: null }, topic]);
});
