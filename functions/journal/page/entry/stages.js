/** How far an entry's three stages are, while it is being processed. */

import { h } from "../common/dom.js";
import { length, percent } from "../common/format.js";

const STAGES = {
  transcription: {
    name: "Words",
    running: "Listening to the recording",
    failed: "The recording could not be turned into words",
  },
  emotion: {
    name: "Feelings",
    running: "Reading what was felt",
    failed: "The feelings could not be read",
  },
  summarization: {
    name: "Summary",
    running: "Finding what it comes down to",
    failed: "No summary could be made",
  },
};

export function stageList(stages) {
  return h("ol", { class: "stages", "aria-label": "Progress" }, ...stages.map(row));
}

/** What to tell a screen reader when `after` has replaced `before`; null for nothing. */
export function news(before, after) {
  const finished = after.stages.filter(({ stage, state }) => {
    const was = before?.stages.find((record) => record.stage === stage);
    return was && was.state !== state && (state === "done" || state === "failed");
  });
  const said = finished.map(({ stage, state }) => {
    const { name, failed } = STAGES[stage];
    return state === "done" ? `${name} ready` : failed;
  });
  return said.length ? `${said.join(". ")}.` : null;
}

/** Failed stages, in words: [headline, explanation]. */
export const failures = (stages) =>
  stages
    .filter(({ state }) => state === "failed")
    .map(({ stage, error }) => [STAGES[stage].failed, why(error)]);

/** Which engine did what: "Words: moonshine-tiny-en 0.0.59". */
export const engines = (stages) =>
  stages
    .filter(({ engine }) => engine)
    .map(({ stage, engine, model_version }) => `${STAGES[stage].name}: ${engine} ${model_version ?? ""}`.trim());

const REASONS = {
  crashed: "The work broke off several times. Editing the words starts it anew.",
  retries_exhausted: "It was tried several times without success. Editing the words starts it anew.",
  undecodable_audio: "The recording is damaged or in a format that cannot be read.",
  audio_missing: "The recording never arrived.",
  audio_gone: "The recording no longer exists.",
  audio_too_long: "The recording is longer than can be read.",
};

const why = (error) => (error ? (REASONS[error.code] ?? `${error.message}`) : "No reason was given.");

function row(record) {
  const { name, running } = STAGES[record.stage];
  return h(
    "li",
    { class: `stage ${record.state}`, "data-stage": record.stage },
    h("span", { class: "mark", "aria-hidden": "true" }),
    h("span", { class: "stage-name" }, name),
    h("span", { class: "stage-state" }, state(record, running)),
    record.state === "running" ? bar(record.progress, running) : null,
  );
}

function state({ state, progress, started_at, finished_at }, running) {
  if (state === "running") return progress === null ? `${running}…` : `${running}, ${percent(progress)}`;
  if (state === "done") return took(started_at, finished_at);
  return { pending: "waiting", skipped: "not needed", failed: "failed" }[state];
}

function took(started, finished) {
  if (!started || !finished) return "done";
  const seconds = (new Date(finished) - new Date(started)) / 1000;
  return seconds < 1 ? "done at once" : `done in ${length(seconds)}`;
}

const bar = (progress, label) => h("progress", { max: 1, value: progress, "aria-label": label });
