/** The progress of an entry's three processing stages. */

import { h } from "../common/dom.js";
import { duration, percent } from "../common/format.js";
import { sentence } from "../server/errors.js";
import { t } from "../texts/texts.js";

/** @import { EntryView, Stage, StageView } from "../client/samo.js" */

/** @type {Record<Stage, { name: string, running: string, failed: string }>} */
const STAGES = {
  transcription: {
    name: "Transcript",
    running: t("entry.transcribing_the_recording"),
    failed: t("entry.the_recording_could_not_be_transcribed"),
  },
  emotion: {
    name: "Emotions",
    running: t("entry.detecting_emotions"),
    failed: t("entry.emotions_could_not_be_detected"),
  },
  summarization: {
    name: "Summary",
    running: t("entry.writing_the_summary"),
    failed: t("entry.the_summary_could_not_be_written"),
  },
};

/** @param {StageView[]} stages */
export const stageList = (stages) =>
  h("ol", { class: "stages", "aria-label": t("entry.progress") }, ...stages.map(stageRow));

/** What screen readers announce after an update, or null. @param {EntryView | null} before @param {EntryView} after */
export function announcement(before, after) {
  const finished = after.stages.filter(({ stage, state }) => {
    const previous = before?.stages.find((candidate) => candidate.stage === stage);
    return previous && previous.state !== state && (state === "done" || state === "failed");
  });
  const sentences = finished.map(({ stage, state }) => {
    const { name, failed } = STAGES[stage];
    return state === "done" ? t("entry.ready", { name }) : `${failed}.`;
  });
  return sentences.length > 0 ? sentences.join(" ") : null;
}

/** The failed stages, and why. @param {StageView[]} stages */
export const stageFailures = (stages) =>
  stages
    .filter(({ state }) => state === "failed")
    .map((record) => ({ headline: STAGES[record.stage].failed, reason: failureReason(record) }));

/** The model that each stage used: "Transcript: moonshine-tiny-en 0.0.59". @param {StageView[]} stages */
export const models = (stages) =>
  stages
    .filter(({ engine }) => engine)
    .map(({ stage, engine, model_version }) => `${STAGES[stage].name}: ${engine} ${model_version ?? ""}`.trim());

/** @type {Record<string, string>} */
const REASONS = {
  crashed: t("entry.processing_crashed_several_times_edit_the"),
  retries_exhausted: t("entry.processing_failed_several_times_edit_the"),
  undecodable_audio: t("entry.the_recording_is_damaged_or_its"),
  audio_missing: t("entry.the_recording_never_arrived"),
  audio_gone: t("entry.the_recording_no_longer_exists"),
  engine_unavailable: t("entry.engine_unavailable"),
  audio_too_long: t("entry.the_recording_is_too_long"),
};

/** @param {StageView} record */
const failureReason = ({ error }) =>
  error ? (REASONS[error.code] ?? sentence(error.message)) : t("entry.no_reason_was_given");

/** @param {StageView} record */
function stageRow(record) {
  const { name, running } = STAGES[record.stage];
  const bar = h("progress", { max: 1, value: record.progress, "aria-label": running });
  return h(
    "li",
    { class: `stage ${record.state}`, "data-stage": record.stage },
    h("span", { class: "mark", "aria-hidden": "true" }),
    h("span", { class: "stage-name" }, name),
    h("span", { class: "stage-state" }, stateText(record, running)),
    record.state === "running" && bar,
  );
}

/** @param {StageView} record @param {string} running */
function stateText({ state, progress, started_at, finished_at }, running) {
  if (state === "running") return typeof progress === "number" ? `${running}, ${percent(progress)}` : `${running}…`;
  if (state === "done") return doneText(started_at, finished_at);
  return { pending: "waiting", skipped: t("entry.not_needed"), failed: "failed" }[state];
}

/** @param {string | null | undefined} started @param {string | null | undefined} finished */
function doneText(started, finished) {
  if (!started || !finished) return "done";
  const seconds = (Date.parse(finished) - Date.parse(started)) / 1000;
  return seconds < 1 ? t("entry.done_in_under_1_s") : t("entry.done_in", { seconds: duration(seconds) });
}
