/** How entries in other languages are named and shown. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../functions/journal/page/common/format.js";
import { languageOf, otherLanguages, ownWords } from "../../functions/journal/page/common/language.js";
import { entry } from "./entries.js";

test("words have their direction, and their language unless it is English", () => {
  assert.deepEqual(ownWords("ar"), { dir: "auto", lang: "ar" });
  assert.equal(ownWords("en").lang, false);
  assert.equal(ownWords().dir, "auto");
});

test("only an entry without any analysis has a language to show", () => {
  assert.equal(languageOf(entry({ language: "en" })), null);
  assert.equal(languageOf(entry({ language: "de", insight: { empty_reason: "unsupported_language" } })), "de");
  assert.equal(languageOf(entry({ language: null, insight: { empty_reason: "unsupported_language" } })), "und");
});

test("the languages of a mixed entry, most frequent first", () => {
  const segments = ["de", undefined, "fr", "fr", "en"].map((language) => ({ text: "…", language }));
  assert.deepEqual(otherLanguages(segments), { count: 3, languages: ["fr", "de"] });
  assert.deepEqual(otherLanguages([{ text: "Hello." }]), { count: 0, languages: [] });
});

test("languages have names", () => {
  assert.equal(format.languageName("de"), "German");
  assert.equal(format.languageName("und"), "another language");
  assert.equal(format.languageName("not a code"), "not a code");
  assert.equal(format.list(["French", "Italian"]), "French and Italian");
});

test("a headline without spaces is cut too", () => {
  assert.equal(format.headline({ text: "今".repeat(100) }), `${"今".repeat(60)}…`);
});
