/** Uploads recordings. Each stays on the page until it is saved or discarded. */

import { announce, button, byId, h } from "../common/dom.js";
import { percent, timezone } from "../common/format.js";
import * as api from "../server/api.js";
import { isAbort, messageOf, SamoError } from "../server/errors.js";
import { t } from "../texts/texts.js";

/** @import { EntryView } from "../client/samo.js" */
/** @import { Recording } from "./recorder.js" */

/** @type {Set<Upload>} */
const pending = new Set();

export const hasPending = () => pending.size > 0;

/**
 * Upload a recording and show its progress.
 *
 * @param {Recording} recording
 * @param {string} title
 * @param {(entry: EntryView) => void} onSaved
 */
export function upload(recording, title, onSaved) {
  new Upload(recording, title, onSaved).attempt();
}

/** One recording. All attempts share an idempotency key, so they create one entry and resume the same upload. */
class Upload {
  #recording;
  #title;
  #onSaved;
  #idempotencyKey = crypto.randomUUID();
  #card = h("li", { class: "upload" });
  /** @type {string | null} The entry that waits for the recording, if an upload session was opened. */
  #waitingEntryId = null;
  #retry = () => this.attempt();

  /** @param {Recording} recording @param {string} title @param {(entry: EntryView) => void} onSaved */
  constructor(recording, title, onSaved) {
    this.#recording = recording;
    this.#title = title;
    this.#onSaved = onSaved;
    byId("uploads").append(this.#card);
    pending.add(this);
  }

  async attempt() {
    removeEventListener("consented", this.#retry);
    const cancelling = new AbortController();
    const progress = this.#showProgress(() => cancelling.abort());
    try {
      const entry = await this.#send(progress, cancelling.signal);
      this.#remove();
      this.#onSaved(entry);
    } catch (error) {
      this.#showFailure(error);
    }
  }

  /** @param {(sent: number, total: number) => void} progress @param {AbortSignal} signal */
  #send(progress, signal) {
    const { blob, recordedAt } = this.#recording;
    const fields = { recorded_at: recordedAt.toISOString(), timezone, content_type: contentType(this.#recording) };
    return api.createFromAudio(blob, fields, {
      idempotencyKey: this.#idempotencyKey,
      progress,
      onSession: ({ entry }) => {
        this.#waitingEntryId = entry.id;
      },
      signal,
    });
  }

  /** @param {() => void} onCancel */
  #showProgress(onCancel) {
    const bar = h("progress", { max: 1, value: 0, "aria-label": t("compose.saving_2", { title: this.#title }) });
    const share = h("span", { class: "upload-share" });
    this.#card.replaceChildren(
      h("p", { class: "upload-head" }, h("span", {}, t("compose.saving_2", { title: this.#title })), share),
      bar,
      button(t("common.cancel"), onCancel),
    );
    return (/** @type {number} */ sent, /** @type {number} */ total) => {
      bar.value = total ? sent / total : 0;
      share.textContent = percent(bar.value);
    };
  }

  /** @param {unknown} error */
  #showFailure(error) {
    const message = isAbort(error) ? t("compose.you_cancelled_the_upload") : explain(error);
    const href = URL.createObjectURL(this.#recording.blob);
    const discard = () => {
      URL.revokeObjectURL(href);
      this.#discard();
    };
    if (error instanceof SamoError && error.code === "consent_required") {
      addEventListener("consented", this.#retry, { once: true });
    }
    this.#card.replaceChildren(
      h("p", { class: "upload-head" }, t("compose.not_saved", { title: this.#title })),
      h("p", { class: "problem" }, message),
      h(
        "div",
        { class: "actions" },
        remedy(error) ?? button(t("common.try_again"), this.#retry, "plain"),
        h("a", { class: "quiet", href, download: this.#recording.name }, t("common.download")),
        button(t("compose.discard"), discard, "quiet danger"),
      ),
    );
    announce(t("compose.not_saved_2", { title: this.#title, message }));
  }

  #discard() {
    this.#remove();
    if (this.#waitingEntryId) api.deleteEntry(this.#waitingEntryId).catch(() => {});
  }

  #remove() {
    removeEventListener("consented", this.#retry);
    pending.delete(this);
    this.#card.remove();
  }
}

/** A link to show in place of a retry button, or null. @param {unknown} error */
export const remedy = (error) =>
  error instanceof SamoError && error.code === "consent_required"
    ? h("a", { class: "plain", href: "#/consent" }, t("common.read_and_agree"))
    : null;

/** @type {Record<string, string>} */
const HINTS = {
  undecodable_audio: t("compose.the_file_may_be_damaged_or"),
  no_audio_stream: t("compose.choose_a_file_that_contains_sound"),
  empty_audio: t("compose.the_file_is_empty"),
  audio_too_long: t("compose.split_it_into_shorter_parts"),
  payload_too_large: t("compose.choose_a_smaller_file_or_a"),
};

/** @param {unknown} error */
function explain(error) {
  const hint = error instanceof SamoError ? HINTS[error.code] : null;
  return [messageOf(error), hint].filter(Boolean).join(" ");
}

/**
 * The recording's media type; undefined if the browser does not know it, and the client guesses from the file name.
 *
 * @param {Recording} recording
 */
function contentType({ blob: { type } }) {
  if (type === "") return undefined;
  return /^(audio|video)\//.test(type) ? type.split(";")[0] : "application/octet-stream";
}
