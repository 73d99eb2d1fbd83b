/** An entry's facts (time, source, length) and notices (failures, missing data). */

import { h } from "../common/dom.js";
import * as format from "../common/format.js";
import { languageOf, otherLanguages } from "../common/language.js";
import { t } from "../texts/texts.js";
import { emptyNotice, notice } from "./insight.js";
import { stageFailures } from "./stages.js";

/** @import { AudioView, EntryView, Segment } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

/** "21:14 · spoken · 44 s · recording kept until 27 November". @param {EntryView} entry */
export function facts(entry) {
  const { source, audio } = entry;
  const language = languageOf(entry);
  return [
    format.time(entry),
    format.foreignZone(entry),
    source === "voice" ? t("common.spoken") : t("common.written"),
    language && `in ${format.languageName(language)}`,
    audio?.duration_s && format.duration(audio.duration_s),
    audio && retention(audio),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** @param {AudioView} audio */
function retention({ url, delete_after }) {
  if (!url) return t("entry.recording_deleted");
  return delete_after && t("entry.recording_kept_until", { delete_after: format.shortDate(delete_after) });
}

/**
 * Notices about anything unusual in an entry.
 *
 * @param {EntryView} entry
 * @param {{ disconnected: boolean, unplayable: boolean, cached: boolean, remedy: Child, again: Child[] }} state
 *   `remedy`: a button beside the first failure; `again`: those that have the recording transcribed again
 */
export function notices(entry, { disconnected, unplayable, cached, remedy, again }) {
  const { status, stages, insight, audio, transcript } = entry;
  const failures = stageFailures(stages);
  const missing = transcript?.segments.filter((segment) => segment.left_out).length ?? 0;
  return [
    cached && notice(t("entry.offline_copy"), t("entry.the_journal_is_not_responding_you")),
    disconnected && notice(t("common.the_journal_is_not_responding"), t("entry.retrying_nothing_is_lost")),
    status === "awaiting_audio" &&
      notice(t("entry.the_recording_has_not_arrived_yet"), t("entry.it_can_be_uploaded_for_one")),
    audio?.partial &&
      notice(
        t("entry.the_recording_is_incomplete"),
        PARTIAL[audio.partial_reason ?? ""] ?? t("entry.what_could_be_read_of_it"),
      ),
    unplayable && notice(t("entry.the_recording_cannot_be_played"), t("entry.it_may_have_been_deleted_or")),
    ...failures.map(({ headline, reason }, index) =>
      notice(headline, reason, ...(index === 0 ? [remedy, ...again] : [])),
    ),
    insight.empty_reason && emptyNotice(entry, ...(failures.length > 0 ? [] : again)),
    transcript && !insight.empty_reason && partlyAnalysed(transcript.segments),
    missing > 0 && !insight.empty_reason && notice(t("entry.something_is_missing"), leftOut(missing), ...again),
  ];
}

/** Why not all of a recording was heard. @type {Record<string, string>} */
const PARTIAL = {
  ends_early: t("entry.ends_early"),
  unreadable_part: t("entry.unreadable_part"),
};

/** @param {Segment[]} segments */
function partlyAnalysed(segments) {
  const { count, languages } = otherLanguages(segments);
  const names = format.list(languages.map(format.languageName));
  const which = t("entry.sentences_in", { count, names });
  return (
    count > 0 && notice(t("entry.not_all_of_it_is_analysed"), t("entry.emotions_and_the_summary_come_from", { which }))
  );
}

/** @param {number} count */
const leftOut = (count) => t("entry.passages_left_out", { count });

/** A message shown in place of an entry. @param {string} headline @param {string} explanation @param {Child} [action] */
export const missing = (headline, explanation, action) =>
  h("div", { class: "state" }, h("h1", { id: "entry-title", tabindex: -1 }, headline), h("p", {}, explanation), action);
