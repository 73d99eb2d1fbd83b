/** Upload sessions: a large recording is sent to SAMO or straight to Cloud Storage. */

import { errorFromResponse, unreachable } from "./errors.js";
import { send } from "./send.js";
import { Deadline, sleep } from "./time.js";
import { connectionError, defined, newKey } from "./transport.js";

/** @import { EntryView, NewRecording, Progress, Recording, UploadSession } from "./samo.js" */
/** @import { Transport } from "./transport.js" */

/** Bytes per request to Cloud Storage; must be a multiple of 256 KiB. */
export const CHUNK = 8 * 1024 * 1024;

/**
 * A time-out in seconds for sending `size` bytes, since fetch cannot tell a slow connection from a dead one.
 *
 * @param {number} size
 * @param {number} [minS]
 */
export const uploadTimeoutS = (size, minS = 60) => minS + size / (16 * 1024);

/** @type {Record<string, string>} */
const MEDIA_TYPES = {
  wav: "audio/wav",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  mp4: "audio/mp4",
  ogg: "audio/ogg",
  opus: "audio/ogg",
  webm: "audio/webm",
  flac: "audio/flac",
  "3gp": "audio/3gpp",
};

/**
 * A recording as a Blob, and its type: as given, as in the Blob, or guessed from the file name.
 *
 * @param {Recording} audio
 * @param {string} [contentType]
 */
export function recordingOf(audio, contentType) {
  const blob = audio instanceof Blob ? audio : new Blob([/** @type {BlobPart} */ (audio)]);
  const { name = "" } = /** @type {{ name?: string }} */ (blob);
  const extension = name.split(".").pop()?.toLowerCase() ?? "";
  return { blob, type: contentType || blob.type || MEDIA_TYPES[extension] || "application/octet-stream" };
}

/**
 * Upload sessions. `entries.create` opens one by itself for large recordings.
 *
 * @implements {Declared}
 * @typedef {import("./samo.js").Uploads} Declared
 */
export class Uploads {
  #transport;

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /**
   * Create an entry that waits for a recording of exactly `size` bytes, and get a URL to send it to.
   *
   * @param {NewRecording} recording
   * @param {{ idempotencyKey?: string }} [options]
   * @returns {Promise<UploadSession>}
   */
  async open(recording, { idempotencyKey } = {}) {
    return (await this.#open(recording, idempotencyKey ?? newKey())).session;
  }

  /**
   * Send a session's recording, resuming after interruptions. Resolves to the entry, or to null if the recording went to
   * Cloud Storage, which notifies SAMO. `resume`: first ask how much has arrived.
   *
   * @param {UploadSession} session
   * @param {Recording} audio
   * @param {{ resume?: boolean, progress?: Progress, signal?: AbortSignal }} [options]
   * @returns {Promise<EntryView | null>}
   */
  async send(session, audio, { resume = false, progress, signal } = {}) {
    const { blob } = recordingOf(audio);
    if (!session.url.startsWith("/")) return this.#sendChunks(session, blob, resume, progress, signal);
    progress?.(0, blob.size);
    const entry = await this.#transport.request("uploads.send", [session.entry.id], {
      content: blob,
      headers: session.headers,
      timeoutS: uploadTimeoutS(blob.size),
      progress: progress && ((sent) => progress(Math.min(sent, blob.size), blob.size)),
      signal,
    });
    progress?.(blob.size, blob.size);
    return entry;
  }

  /**
   * Open a session and send the recording. With the key of an earlier call, resumes the same session.
   *
   * @param {Blob} blob
   * @param {NewRecording} recording
   * @param {{ idempotencyKey: string, onSession?: (session: UploadSession) => void, progress?: Progress,
   *   signal?: AbortSignal }} options
   * @returns {Promise<EntryView>}
   */
  async create(blob, recording, { idempotencyKey, onSession, progress, signal }) {
    const { session, replayed } = await this.#open(recording, idempotencyKey, signal);
    onSession?.(session);
    if (session.entry.status !== "awaiting_audio") return session.entry;
    return (await this.send(session, blob, { resume: replayed, progress, signal })) ?? session.entry;
  }

  /** @param {NewRecording} recording @param {string} key @param {AbortSignal} [signal] */
  async #open({ size, content_type, recorded_at, timezone }, key, signal) {
    const json = defined({ size, content_type, recorded_at, timezone });
    const headers = { "Idempotency-Key": key };
    const response = await this.#transport.call("uploads.open", [], { json, headers, signal });
    /** @type {UploadSession} */
    const session = response.body;
    return { session, replayed: response.headers.get("Idempotency-Replayed") === "true" };
  }

  /**
   * https://cloud.google.com/storage/docs/performing-resumable-uploads
   *
   * @param {UploadSession} session
   * @param {Blob} blob
   * @param {boolean} resume
   * @param {Progress} [progress]
   * @param {AbortSignal} [signal]
   */
  async #sendChunks(session, blob, resume, progress, signal) {
    let [received, failures, uncertain] = [0, 0, resume];
    while (received < blob.size) {
      const before = received;
      try {
        received = await this.#sendChunk(session, blob, uncertain ? null : received, progress, signal);
        if (!uncertain && received <= before) throw unreachable("the upload makes no progress");
        progress?.(received, blob.size);
        if (received > before) failures = 0;
        uncertain = false;
      } catch (error) {
        uncertain = true;
        failures += 1;
        const pause = this.#transport.pause(failures, error);
        if (pause === null) throw error;
        await sleep(pause, signal);
      }
    }
    return null;
  }

  /**
   * Send the chunk that begins at `start` (null: send nothing); returns how many bytes have arrived.
   *
   * @param {UploadSession} session
   * @param {Blob} blob
   * @param {number | null} start
   * @param {Progress} [progress]
   * @param {AbortSignal} [signal]
   */
  async #sendChunk(session, blob, start, progress, signal) {
    const end = start === null ? 0 : Math.min(start + CHUNK, blob.size);
    const range = start === null ? "*" : `${start}-${end - 1}`;
    const deadline = new Deadline(uploadTimeoutS(CHUNK), signal);
    const request = {
      method: session.method ?? "PUT",
      headers: { ...session.headers, "Content-Range": `bytes ${range}/${blob.size}` },
      body: blob.slice(start ?? 0, end),
      signal: deadline.signal,
    };
    const report = progress && ((/** @type {number} */ sent) => progress((start ?? 0) + sent, blob.size));
    try {
      const response = await send(session.url, request, start === null ? undefined : report);
      return await receivedBytes(response, blob.size);
    } catch (error) {
      throw connectionError(error, signal);
    } finally {
      deadline.clear();
    }
  }
}

/**
 * How many bytes Cloud Storage reports to have.
 *
 * @param {Response} response
 * @param {number} size
 */
async function receivedBytes(response, size) {
  if (response.ok) return size;
  if (response.status !== 308) throw await errorFromResponse(response);
  const range = /^bytes=0-(\d+)$/.exec(response.headers.get("Range") ?? "");
  return range ? Number(range[1]) + 1 : 0;
}
