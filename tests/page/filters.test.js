import assert from "node:assert/strict";
import { test } from "node:test";
import { apiFilter, matches, startOfDay } from "../../functions/journal/page/journal/filters.js";
import { entry } from "./entries.js";

test("days start and end in this device's time zone", () => {
  assert.equal(startOfDay("2026-03-01").toISOString(), "2026-02-28T23:00:00.000Z");
  assert.deepEqual(apiFilter({ from: "2026-03-01", to: "2026-03-01", emotion: "joy" }), {
    from: "2026-02-28T23:00:00.000Z",
    to: "2026-03-01T23:00:00.000Z",
    emotion: "joy",
  });
});

test("a day is 23 hours long when clocks go forward", () => {
  const length = startOfDay("2026-03-29", 1).getTime() - startOfDay("2026-03-29").getTime();
  assert.equal(length / 3_600_000, 23);
});

test("the day after the last of a month is the first of the next", () => {
  assert.deepEqual(startOfDay("2026-12-31", 1), startOfDay("2027-01-01"));
});

test("both days of a filter are included", () => {
  const filter = { from: "2026-03-01", to: "2026-03-02" };
  const at = (recorded_at) => matches(entry({ recorded_at }), filter);
  assert.equal(at("2026-02-28T22:59:59Z"), false);
  assert.equal(at("2026-02-28T23:00:00Z"), true);
  assert.equal(at("2026-03-02T22:59:59Z"), true);
  assert.equal(at("2026-03-02T23:00:00Z"), false);
});

test("an entry has to match every label", () => {
  const insight = {
    emotions: [{ emotion: "joy", confidence: 0.9 }],
    feelings: [{ label: "proud", confidence: 0.8 }],
    topics: [{ label: "work", confidence: 0.7 }],
  };
  const candidate = entry({ insight });
  assert.ok(matches(candidate, {}));
  assert.ok(matches(candidate, { emotion: "joy", feeling: "proud", topic: "work" }));
  assert.ok(!matches(candidate, { emotion: "joy", topic: "family" }));
  assert.ok(!matches(candidate, { emotion: "fear" }));
});
