/** Entries with a support note: it takes the place of their scores. */

/** @import { EntryView } from "../client/samo.js" */

/** @param {EntryView} entry */
export const showsNote = ({ support }) => Boolean(support && !support.dismissed);

/**
 * The entry as it is to be shown. If it shows a support note, only title and summary are left of its insight.
 *
 * @param {EntryView} entry
 * @returns {EntryView}
 */
export function shown(entry) {
  if (!showsNote(entry)) return entry;
  const { summary, empty_reason, title } = entry.insight;
  const corrected = (entry.insight.corrected ?? []).filter((part) => part === "title");
  const quotes = (summary?.quotes ?? []).map((quote) => ({ ...quote, emotions: [] }));
  const without = { emotions: [], feelings: [], topics: [], sentiment: null, arc: null };
  return {
    ...entry,
    insight: { ...without, empty_reason, title, corrected, summary: summary && { ...summary, quotes } },
  };
}
