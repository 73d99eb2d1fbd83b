/** Recordings on their way to the journal. None is lost: until it is saved, it stays here. */

import * as api from "../server/api.js";
import { announce, button, byId, h } from "../common/dom.js";
import { percent, timezone } from "../common/format.js";

const unsaved = new Set();

export const anyPending = () => unsaved.size > 0;

/**
 * Send a recording, showing how far it is; tried again, it makes no second entry. `recorded`: {blob, name, recordedAt}.
 * `onSaved` hears the new entry.
 */
export function send(recorded, title, onSaved) {
  const recording = { ...recorded, key: crypto.randomUUID() };
  const card = h("li", { class: "upload" });
  byId("uploads").append(card);
  unsaved.add(recording);
  const done = () => {
    unsaved.delete(recording);
    card.remove();
  };
  attempt(recording, title, card, (entry) => (done(), onSaved(entry)), done);
}

async function attempt(recording, title, card, saved, dismiss) {
  const calledOff = new AbortController();
  const bar = h("progress", { max: 1, value: 0, "aria-label": `Saving ${title}` });
  const share = h("span", { class: "upload-share" });
  card.replaceChildren(
    h("p", { class: "upload-head" }, h("span", {}, `Saving ${title}`), share),
    bar,
    button("Cancel", () => calledOff.abort()),
  );
  const onProgress = (sent) => {
    bar.value = sent;
    share.textContent = percent(sent);
  };
  const fields = { recorded_at: recording.recordedAt.toISOString(), timezone };
  try {
    saved(await api.upload(recording, fields, onProgress, calledOff.signal));
  } catch (error) {
    const again = () => attempt(recording, title, card, saved, dismiss);
    failed(recording, title, card, error, again, dismiss);
  }
}

function failed(recording, title, card, error, again, dismiss) {
  const message = error.name === "AbortError" ? "You called it off." : explanation(error);
  const href = URL.createObjectURL(recording.blob);
  const download = h("a", { class: "quiet", href, download: recording.name }, "Download it");
  const discard = () => {
    removeEventListener("consented", again);
    URL.revokeObjectURL(href);
    dismiss();
  };
  const retry = remedy(error) || button("Try again", again, "plain");
  if (error.code === "consent_required") addEventListener("consented", again, { once: true });
  card.replaceChildren(
    h("p", { class: "upload-head" }, `Not saved yet: ${title}`),
    h("p", { class: "problem" }, message),
    h("div", { class: "actions" }, retry, download, button("Discard", discard, "quiet danger")),
  );
  announce(`Not saved: ${title}. ${message}`);
}

/** What helps beside trying again: terms that were not agreed to can be read. */
export const remedy = ({ code }) => code === "consent_required" && h("a", { class: "plain", href: "#/consent" }, "Read and agree");

const HINTS = {
  undecodable_audio: "It does not seem to be a recording, or it is damaged.",
  no_audio_stream: "Choose a recording that has sound in it.",
  empty_audio: "There was nothing in it.",
  audio_too_long: "Cut it into shorter parts.",
  payload_too_large: "Choose a smaller file, or a compressed format such as m4a or mp3.",
};

const explanation = (error) => [error.message, HINTS[error.code]].filter(Boolean).join(" ");
