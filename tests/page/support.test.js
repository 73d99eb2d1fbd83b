import assert from "node:assert/strict";
import { test } from "node:test";
import { shown, showsNote } from "../../functions/journal/page/common/support.js";
import { dayOf } from "../../functions/journal/page/journal/months.js";
import { entry } from "./entries.js";

const emotions = [{ emotion: "grief", confidence: 0.9 }];
const quotes = [{ text: "It hurts.", segment: 0, emotions }];
const insight = { emotions, sentiment: -0.8, arc: [{ segment: 0, emotions }], summary: { text: "It hurts.", quotes } };
const noted = (dismissed = false) => entry({ insight, support: { text: "A note.", lines: [], dismissed } });

test("an entry that shows a note has no scores, but keeps its summary", () => {
  const { insight: left, support } = shown(noted());
  assert.deepEqual([left.emotions, left.sentiment, left.arc], [[], null, null]);
  assert.equal(left.summary.text, "It hurts.");
  assert.deepEqual(left.summary.quotes[0].emotions, []);
  assert.equal(support.text, "A note.");
  assert.equal(JSON.stringify(left).includes("grief"), false);
});

test("an entry that shows a note keeps its title, also one that the user gave it", () => {
  const stated = { ...insight, title: "Her last day", corrected: ["emotions", "title"] };
  const { insight: left } = shown(entry({ insight: stated, support: { text: "A note.", lines: [] } }));
  assert.equal(left.title, "Her last day");
  assert.deepEqual(left.corrected, ["title"]);
  assert.deepEqual(shown(noted()).insight.corrected, []);
});

test("without a note, or with a dismissed one, an entry is shown as it is", () => {
  for (const other of [entry({ insight }), entry({ insight, support: null }), noted(true)]) {
    assert.equal(showsNote(other), false);
    assert.equal(shown(other), other);
  }
});

test("an entry that shows a note does not count towards its day's mood", () => {
  const calm = entry({ insight: { sentiment: 0.4 } });
  assert.equal(dayOf([noted(), calm].map(shown)).sentiment, 0.4);
  assert.equal(dayOf([shown(noted())]).sentiment, null);
});
