/** The language of what a user said or wrote. */

/** @import { EntryView, Segment } from "../client/samo.js" */

const ENGLISH = "en";
const UNDETERMINED = "und";

/**
 * Attributes of an element with a user's own words: their direction, and their language if it is not the page's.
 *
 * @param {string | null} [language] of words in another language than the page
 */
export const ownWords = (language) => ({ dir: "auto", lang: language && language !== ENGLISH && language });

/** The language of an entry in which nothing is analysed; null for others. @param {EntryView} entry */
export const languageOf = ({ language, insight }) =>
  insight.empty_reason === "unsupported_language" ? (language ?? UNDETERMINED) : null;

/** The languages of the sentences that are not analysed, most frequent first. @param {Segment[]} segments */
export function otherLanguages(segments) {
  const foreign = segments.flatMap(({ language }) => (language && language !== ENGLISH ? [language] : []));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const language of foreign) counts.set(language, (counts.get(language) ?? 0) + 1);
  const languages = [...counts].sort(([, one], [, other]) => other - one);
  return { count: foreign.length, languages: languages.map(([language]) => language) };
}
