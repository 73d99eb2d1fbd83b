import assert from "node:assert/strict";
import { test } from "node:test";
import { announcement, models, stageFailures } from "../../functions/journal/page/entry/stages.js";
import { entry } from "./entries.js";

const stage = (name, state, more = {}) => ({ stage: name, state, ...more });

test("finished stages are announced once", () => {
  const before = entry({ stages: [stage("transcription", "running"), stage("emotion", "pending")] });
  const after = entry({ stages: [stage("transcription", "done"), stage("emotion", "failed")] });
  assert.equal(announcement(before, after), "Transcript ready. Emotions could not be detected.");
  assert.equal(announcement(after, after), null);
  assert.equal(announcement(null, after), null);
});

test("failures have a headline and a reason", () => {
  const known = stage("transcription", "failed", { error: { code: "audio_gone", message: "gone" } });
  const unknown = stage("emotion", "failed", { error: { code: "new_code", message: "Something new." } });
  assert.deepEqual(stageFailures([known, unknown, stage("summarization", "failed"), stage("summarization", "done")]), [
    { headline: "The recording could not be transcribed", reason: "The recording no longer exists." },
    { headline: "Emotions could not be detected", reason: "Something new." },
    { headline: "The summary could not be written", reason: "No reason was given." },
  ]);
});

test("models are listed for stages that have one", () => {
  const stages = [
    stage("transcription", "done", { engine: "moonshine-tiny-en", model_version: "0.0.59" }),
    stage("emotion", "skipped", { engine: null }),
  ];
  assert.deepEqual(models(stages), ["Transcript: moonshine-tiny-en 0.0.59"]);
});
