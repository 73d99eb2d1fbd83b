import assert from "node:assert/strict";
import { test } from "node:test";
import { mood } from "../../functions/journal/page/common/emotions.js";
import {
  addMonths,
  dayOf,
  monthKey,
  monthOf,
  moodLevel,
  weeksOf,
} from "../../functions/journal/page/journal/months.js";
import { entry } from "./entries.js";

test("a valid key is its month, anything else the current month", () => {
  assert.deepEqual(monthOf("2026-03"), { year: 2026, month: 2 });
  const now = new Date();
  const current = { year: now.getFullYear(), month: now.getMonth() };
  for (const key of [null, undefined, "", "2026-00", "2026-13", "2026-3", "March"]) {
    assert.deepEqual(monthOf(key), current, String(key));
  }
});

test("months are added across years", () => {
  assert.deepEqual(addMonths({ year: 2026, month: 11 }, 1), { year: 2027, month: 0 });
  assert.deepEqual(addMonths({ year: 2026, month: 0 }, -1), { year: 2025, month: 11 });
  assert.equal(monthKey({ year: 2026, month: 0 }), "2026-01");
});

test("weeks begin on Monday and hold every day once", () => {
  const weeks = weeksOf({ year: 2026, month: 2 }); // 1 March 2026 is a Sunday
  assert.deepEqual(weeks[0], [null, null, null, null, null, null, "2026-03-01"]);
  assert.ok(weeks.every((week) => week.length === 7));
  const days = weeks.flat().filter((key) => key !== null);
  assert.equal(days.length, 31);
  assert.equal(days.at(-1), "2026-03-31");
});

test("a month that fills whole weeks has no gaps", () => {
  const weeks = weeksOf({ year: 2021, month: 1 }); // February 2021: 28 days from a Monday
  assert.equal(weeks.length, 4);
  assert.ok(weeks.flat().every((key) => key !== null));
});

test("leap years have 29 February", () => {
  assert.ok(weeksOf({ year: 2028, month: 1 }).flat().includes("2028-02-29"));
  assert.ok(!weeksOf({ year: 2027, month: 1 }).flat().includes("2027-02-29"));
});

test("a day's sentiment is the mean of the entries that have one", () => {
  const sentiments = [0.8, null, 0.2];
  const entries = sentiments.map((sentiment) => entry({ insight: { sentiment } }));
  assert.equal(dayOf(entries).sentiment, 0.5);
  assert.equal(dayOf([entries[1]]).sentiment, null);
});

test("levels and their names change at the same thresholds", () => {
  const expected = [
    [-1, -2, "negative"],
    [-0.51, -2, "negative"],
    [-0.5, -1, "fairly negative"],
    [-0.16, -1, "fairly negative"],
    [-0.15, 0, "neutral"],
    [0, 0, "neutral"],
    [0.15, 0, "neutral"],
    [0.16, 1, "fairly positive"],
    [0.5, 1, "fairly positive"],
    [0.51, 2, "positive"],
  ];
  for (const [sentiment, level, name] of expected) {
    assert.equal(moodLevel(sentiment), level, `level of ${sentiment}`);
    assert.equal(mood(sentiment), name, `name of ${sentiment}`);
  }
});
