/** What is to be said about an entry as a whole: when it was made, what is kept, what went wrong. */

import { h } from "../common/dom.js";
import * as format from "../common/format.js";
import { emptyNotice, notice } from "./insight.js";
import { failures } from "./stages.js";

/** "21:14 · spoken · 44 s · recording kept until 27 November". */
export function facts(entry) {
  const { source, audio } = entry;
  return [
    format.time(entry),
    format.foreignZone(entry),
    source === "voice" ? "spoken" : "written",
    audio?.duration_s && format.length(audio.duration_s),
    kept(audio),
  ]
    .filter(Boolean)
    .join(" · ");
}

function kept(audio) {
  if (!audio) return null;
  if (!audio.url) return "recording deleted, words kept";
  return audio.delete_after && `recording kept until ${format.shortDate(audio.delete_after)}`;
}

/** Everything out of the ordinary. `remedy` is a button for the first failure, or null. */
export function notices(entry, { lost, unplayable, old, remedy }) {
  const { status, stages, insight, audio } = entry;
  return [
    old && notice("As it was last read on this device", "The journal does not answer. The recording can be played, and the entry changed, once it does."),
    lost && notice("The journal does not answer", "Trying again; nothing is lost."),
    status === "awaiting_audio" && notice("The recording has not arrived yet", "The entry waits a day for it."),
    audio?.partial && notice("The recording broke off", "Only its beginning could be read; the rest never arrived."),
    unplayable &&
      notice(
        "The recording cannot be played here",
        "It may have been deleted meanwhile, or this browser does not know its format. The words stay.",
      ),
    ...failures(stages).map(([headline, why], index) => notice(headline, why, index === 0 ? remedy : null)),
    insight.empty_reason && emptyNotice(insight.empty_reason),
  ];
}

/** Instead of an entry, where there is none to show. */
export const absence = (headline, explanation, remedy) =>
  h(
    "div",
    { class: "state" },
    h("h1", { id: "entry-title", tabindex: -1 }, headline),
    h("p", {}, explanation),
    remedy,
  );
