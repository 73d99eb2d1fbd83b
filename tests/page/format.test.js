import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../functions/journal/page/common/format.js";
import { entry } from "./entries.js";

test("positions in a recording", () => {
  const expected = {
    "-1": "0:00",
    0: "0:00",
    7.9: "0:07",
    60: "1:00",
    760: "12:40",
    3723: "1:02:03",
    36000: "10:00:00",
  };
  for (const [seconds, text] of Object.entries(expected)) assert.equal(format.clock(Number(seconds)), text);
});

test("durations", () => {
  const expected = {
    0.2: "1 s",
    8: "8 s",
    59.4: "59 s",
    60: "1 min",
    65: "1 min 5 s",
    605: "10 min",
    3600: "1 h",
    3720: "1 h 2 min",
  };
  for (const [seconds, text] of Object.entries(expected)) assert.equal(format.duration(Number(seconds)), text);
});

test("an entry's day is that of its own time zone", () => {
  const at = "2026-03-01T23:30:00Z";
  assert.equal(format.dayKey(entry({ recorded_at: at, timezone: "America/New_York" })), "2026-03-01");
  assert.equal(format.dayKey(entry({ recorded_at: at, timezone: "Asia/Tokyo" })), "2026-03-02");
  assert.equal(format.dayKey(entry({ recorded_at: at, timezone: "Not/AZone" })), "2026-03-02");
  assert.equal(format.dayKey(entry({ recorded_at: at })), "2026-03-02");
});

test("only other time zones are named", () => {
  assert.equal(format.foreignZone(entry({ timezone: "Europe/Berlin" })), null);
  assert.equal(format.foreignZone(entry({ timezone: "America/New_York" })), "New York");
});

test("today and yesterday have names", () => {
  const now = new Date().toISOString();
  const dayBefore = new Date(Date.now() - 86_400_000).toISOString();
  assert.equal(format.dayName(entry({ recorded_at: now })), "Today");
  assert.equal(format.dayName(entry({ recorded_at: dayBefore })), "Yesterday");
  assert.match(format.dayName(entry({ recorded_at: "2020-02-29T12:00:00Z" })), /Saturday,? 29 February 2020/);
});

test("shares", () => {
  assert.equal(format.percent(0.456), "46%");
});

test("weeks begin on Monday", () => {
  const days = format.weekdays();
  assert.deepEqual([days[0].long, days[6].long], ["Monday", "Sunday"]);
});

test("a summary without a title is headed by its first words", () => {
  const text = "I told him that I was leaving, and he laughed.";
  const summary = { engine: "extracts", text };
  assert.equal(format.headline({ ...summary, title: "He laughed" }), "He laughed");
  assert.equal(format.headline(summary), "I told him that I was leaving…");
  assert.equal(format.headline({ ...summary, title: null, text: "I told him." }), "I told him.");
});
