import assert from "node:assert/strict";
import { test } from "node:test";
import { RateLimited, SamoError, Unreachable } from "../../functions/journal/page/client/samo.js";
import { messageOf } from "../../functions/journal/page/server/errors.js";

const samoError = (code, detail = "", more = {}) => new SamoError(detail, { code, status: 400, ...more });

test("known codes have messages of their own", () => {
  assert.match(messageOf(samoError("consent_required")), /accept the terms/);
});

test("other errors show the server's message as a sentence", () => {
  assert.equal(messageOf(samoError("invalid_field", "the text is empty")), "The text is empty.");
  assert.equal(messageOf(samoError("invalid_field", "Too long!")), "Too long!");
  assert.equal(messageOf(samoError("odd", "", { status: 418 })), "The server responded with status 418.");
});

test("limits say when to try again", () => {
  const limited = (retryAfter) => messageOf(new RateLimited("", { code: "quota_exceeded", status: 429, retryAfter }));
  assert.match(limited(39.2), /Try again in 40 seconds\.$/);
  assert.match(limited(600), /Try again at \d\d?:\d\d/);
  assert.match(limited(null), /Wait a moment/);
});

test("an unreachable server has a readable message", () => {
  assert.match(messageOf(new Unreachable("ECONNREFUSED", { code: "unreachable" })), /not responding|offline/);
});

test("anything else keeps its message", () => {
  assert.equal(messageOf(new Error("The microphone is busy.")), "The microphone is busy.");
});
