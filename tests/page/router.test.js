import assert from "node:assert/strict";
import { test } from "node:test";
import { entryHash, homeHash, parseLocation } from "../../functions/journal/page/common/router.js";

const HOME = { view: "home", id: null, query: {} };

test("every view has its address", () => {
  assert.deepEqual(parseLocation("#/entry/abc"), { view: "entry", id: "abc", query: {} });
  assert.deepEqual(parseLocation("#/calendar/2026-03"), { view: "calendar", id: "2026-03", query: {} });
  assert.deepEqual(parseLocation("#/search?q=the+sea"), { view: "search", id: null, query: { q: "the sea" } });
  assert.deepEqual(parseLocation("#/settings"), { view: "settings", id: null, query: {} });
  assert.deepEqual(parseLocation("#/consent"), { view: "consent", id: null, query: {} });
});

test("addresses of earlier versions keep working", () => {
  assert.deepEqual(parseLocation("#/entries/abc"), { view: "entry", id: "abc", query: {} });
  assert.deepEqual(parseLocation("#entry/abc"), { view: "entry", id: "abc", query: {} });
});

test("an unknown address opens the journal", () => {
  for (const hash of ["", "#", "#/", "#/nowhere", "#/entry", "#/entry/"]) assert.deepEqual(parseLocation(hash), HOME);
});

test("ids survive encoding, and malformed ones do not break the page", () => {
  const id = "a/b c?d#é";
  assert.equal(parseLocation(entryHash(id)).id, id);
  assert.equal(parseLocation("#/entry/%E0%A4%A").id, "%E0%A4%A");
});

test("the journal's address carries its filter", () => {
  const filter = { from: "2026-03-01", to: "2026-03-02", emotion: "joy", topic: "work & rest" };
  assert.deepEqual(parseLocation(homeHash(filter)).query, filter);
  assert.equal(homeHash(), "#/");
  assert.equal(homeHash({ emotion: undefined }), "#/");
});

test("invalid filters are ignored", () => {
  assert.deepEqual(parseLocation("#/?from=yesterday&to=2026-3-1&emotion=&colour=red&feeling=sad").query, {
    feeling: "sad",
  });
});
