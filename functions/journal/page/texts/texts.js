/**
 * The page's texts in the user's language. A language is a module like `en.js`, listed in `languages.js`.
 */

import { LANGUAGES } from "./languages.js";

/** @import { en } from "./en.js" */

/** @typedef {string | Plural} Text */
/** @typedef {{ other: string, zero?: string, one?: string, two?: string, few?: string, many?: string }} Plural */
/** @typedef {keyof typeof en} Key */
/** @typedef {Record<Key, Text>} Texts */

/** @param {string} code */
const languageOf = (code) => code.split("-")[0];

const wanted = navigator.languages ?? [navigator.language];

/** The first of the user's locales whose language the page has. */
export const LOCALE = wanted.find((code) => languageOf(code) in LANGUAGES) ?? "en-GB";

export const LANGUAGE = languageOf(LOCALE);

const texts = LANGUAGES[LANGUAGE];
const plurals = new Intl.PluralRules(LOCALE);
const numbers = new Intl.NumberFormat(LOCALE);

/**
 * A text with its values. `count` chooses among plural forms.
 *
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const text = texts[key];
  const form = typeof text === "string" ? text : (text[plurals.select(Number(values.count))] ?? text.other);
  return form.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** The name of an emotion, feeling, topic, mood or strength, which the journal names in English. @param {string} name */
export function label(name) {
  const key = `label.${name}`;
  return key in texts ? t(/** @type {Key} */ (key)) : name;
}

/** @param {string | number} value */
const shown = (value) => (typeof value === "number" ? numbers.format(value) : value);

/** Give the page its language, and the elements of index.html their texts. */
export function translate() {
  const root = document.documentElement;
  root.lang = LANGUAGE;
  root.dir = direction(new Intl.Locale(LOCALE));
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = t(keyIn(element, "data-text"));
  }
  for (const name of ["aria-label", "placeholder", "content"]) {
    for (const element of document.querySelectorAll(`[data-text-${name}]`)) {
      element.setAttribute(name, t(keyIn(element, `data-text-${name}`)));
    }
  }
}

/** @param {Element} element @param {string} attribute */
const keyIn = (element, attribute) => /** @type {Key} */ (element.getAttribute(attribute));

/** @param {Intl.Locale & { textInfo?: { direction?: string } }} locale */
const direction = (locale) => (locale.getTextInfo?.() ?? locale.textInfo)?.direction ?? "ltr";
