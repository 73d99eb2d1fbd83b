/** Entries with a support note: it takes the place of their scores. */

/** @import { EntryView } from "../client/samo.js" */

/** @param {EntryView} entry */
export const showsNote = ({ support }) => Boolean(support && !support.dismissed);

/** The entry as it is to be shown: without scores if it shows a support note. @param {EntryView} entry @returns {EntryView} */
export function shown(entry) {
  if (!showsNote(entry)) return entry;
  const { summary } = entry.insight;
  const quotes = (summary?.quotes ?? []).map((quote) => ({ ...quote, emotions: [] }));
  const plain = summary && { ...summary, quotes };
  const insight = { ...entry.insight, emotions: [], feelings: [], topics: [], sentiment: null, arc: null };
  return { ...entry, insight: { ...insight, summary: plain } };
}
