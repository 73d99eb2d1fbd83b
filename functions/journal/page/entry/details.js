/** An entry's facts (time, source, length) and notices (failures, missing data). */

import { h } from "../common/dom.js";
import * as format from "../common/format.js";
import { languageOf, otherLanguages } from "../common/language.js";
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
    source === "voice" ? "spoken" : "written",
    language && `in ${format.languageName(language)}`,
    audio?.duration_s && format.duration(audio.duration_s),
    audio && retention(audio),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** @param {AudioView} audio */
function retention({ url, delete_after }) {
  if (!url) return "recording deleted";
  return delete_after && `recording kept until ${format.shortDate(delete_after)}`;
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
    cached &&
      notice(
        "Offline copy",
        "The journal is not responding. You can play the recording and edit the entry once it does.",
      ),
    disconnected && notice("The journal is not responding", "Retrying. Nothing is lost."),
    status === "awaiting_audio" && notice("The recording has not arrived yet", "It can be uploaded for one day."),
    audio?.partial &&
      notice(
        "The recording is incomplete",
        PARTIAL[audio.partial_reason ?? ""] ??
          "What could be read of it was transcribed; the rest is missing or damaged.",
      ),
    unplayable &&
      notice(
        "The recording cannot be played",
        "It may have been deleted, or this browser does not support its format. The transcript is still here.",
      ),
    ...failures.map(({ headline, reason }, index) =>
      notice(headline, reason, ...(index === 0 ? [remedy, ...again] : [])),
    ),
    insight.empty_reason && emptyNotice(entry, ...(failures.length > 0 ? [] : again)),
    transcript && !insight.empty_reason && partlyAnalysed(transcript.segments),
    missing > 0 && !insight.empty_reason && notice("Something is missing", leftOut(missing), ...again),
  ];
}

/** Why not all of a recording was heard. @type {Record<string, string>} */
const PARTIAL = {
  ends_early: "It ends earlier than it should. What there is of it was transcribed.",
  unreadable_part: "A part of it is damaged. The rest was transcribed.",
};

/** @param {Segment[]} segments */
function partlyAnalysed(segments) {
  const { count, languages } = otherLanguages(segments);
  const names = format.list(languages.map(format.languageName));
  const which = count === 1 ? `One sentence is in ${names}.` : `${count} sentences are in ${names}.`;
  return (
    count > 0 && notice("Not all of it is analysed yet", `${which} Emotions and the summary come from the others.`)
  );
}

/** @param {number} count */
const leftOut = (count) =>
  count === 1
    ? "One passage is not in the transcript. The recording has it."
    : `${count} passages are not in the transcript. The recording has them.`;

/** A message shown in place of an entry. @param {string} headline @param {string} explanation @param {Child} [action] */
export const missing = (headline, explanation, action) =>
  h("div", { class: "state" }, h("h1", { id: "entry-title", tabindex: -1 }, headline), h("p", {}, explanation), action);
