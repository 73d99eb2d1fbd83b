/** The catalogue of the page's texts: every key that is used exists, and none is unused, in every language. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { EMOTIONS, FAMILIES, FEELING_LABELS, TOPICS } from "../../functions/journal/page/common/emotions.js";
import { en } from "../../functions/journal/page/texts/en.js";
import { LANGUAGES } from "../../functions/journal/page/texts/languages.js";
import { label, t } from "../../functions/journal/page/texts/texts.js";

const PAGE = fileURLToPath(new URL("../../functions/journal/page", import.meta.url));
const files = readdirSync(PAGE, { recursive: true, encoding: "utf8" }).filter(
  (name) => /\.(js|html)$/.test(name) && !name.startsWith("client") && !name.startsWith("texts"),
);
const source = files.map((name) => readFileSync(join(PAGE, name), "utf8")).join("\n");
const called = [...source.matchAll(/\bt\(\s*"([^"]+)"/g), ...source.matchAll(/data-text[a-z-]*="([^"]+)"/g)];
const used = new Set(called.map(([, key]) => key));

/** @param {string | Record<string, string>} text */
const placeholders = (text) =>
  new Set([...(typeof text === "string" ? text : text.other).matchAll(/\{(\w+)\}/g)].map(([, name]) => name));

test("every text that is used is in the catalogue", () => {
  assert.deepEqual(
    [...used].filter((key) => !(key in en)),
    [],
  );
});

test("every text in the catalogue is used", () => {
  assert.deepEqual(
    Object.keys(en).filter((key) => !used.has(key) && !key.startsWith("label.")),
    [],
  );
});

test("what the journal names in English has a text, and nothing else has", () => {
  const moods = ["positive", "fairly positive", "neutral", "mixed", "fairly negative", "negative"];
  const strengths = ["a little", "somewhat", "strongly"];
  const names = [...EMOTIONS, ...FEELING_LABELS, ...TOPICS, ...Object.keys(FAMILIES), ...moods, ...strengths];
  const keys = Object.keys(en).filter((key) => key.startsWith("label."));
  assert.deepEqual(keys.sort(), [...new Set(names)].map((name) => `label.${name}`).sort());
  assert.equal(label("fairly positive"), "fairly positive");
  assert.equal(label("a label of tomorrow"), "a label of tomorrow");
});

test("every language has the same texts with the same values", () => {
  for (const texts of Object.values(LANGUAGES)) {
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      assert.deepEqual(placeholders(texts[/** @type {keyof typeof en} */ (key)]), placeholders(text), key);
    }
  }
});

test("a text has its values, and the plural form of its count", () => {
  assert.equal(t("common.entries", { count: 1 }), "1 entry");
  assert.equal(t("common.entries", { count: 1200 }), "1,200 entries");
  assert.equal(t("account.done_of", { done: 3, entries: "9 entries" }), "3 of 9 entries");
});
