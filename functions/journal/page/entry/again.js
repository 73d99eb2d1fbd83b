/** The buttons that have a recording transcribed again. */

import { button } from "../common/dom.js";
import { isFinal } from "../server/api.js";
import { engines } from "../server/config.js";
import { t } from "../texts/texts.js";

/** @import { EntryView } from "../client/samo.js" */

/**
 * "Try again", and the same with each other engine; none where there is no recording.
 *
 * @param {EntryView} entry
 * @param {boolean} cached
 * @param {(engine?: "moonshine" | "whisper") => void} onAgain
 */
export function againButtons(entry, cached, onAgain) {
  if (cached || !entry.audio?.url || !isFinal(entry)) return [];
  const transcription = entry.stages.find(({ stage }) => stage === "transcription");
  if (transcription?.state === "skipped") return []; // the text is the user's: it was typed or edited
  const used = transcription?.engine ?? "";
  const others = engines().filter((engine) => !used.includes(engine));
  return [
    button(t("common.try_again"), () => onAgain(), "plain"),
    ...(used ? others : []).map((engine) =>
      button(t("entry.try_with", { engine: NAMES[engine] }), () => onAgain(engine), "plain"),
    ),
  ];
}

const NAMES = { moonshine: "Moonshine", whisper: "Whisper" };
