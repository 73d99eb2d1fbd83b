/** Recordings too large for a request: a session first, then the bytes, to SAMO or to Cloud Storage. */

import { SamoError, ofAnswer, unreachable } from "./errors.js";
import { Deadline, sleep } from "./time.js";
import { failure, given, newKey } from "./transport.js";

/** Bytes of one request to Cloud Storage; it takes multiples of 256 KiB. */
export const CHUNK = 8 * 1024 * 1024;

/** For how many seconds a part of a recording may take: fetch cannot tell a slow line from a dead one. */
export const patienceS = (size, leastS = 60) => leastS + size / (16 * 1024);

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

/** A recording as a Blob, and its type: the one given, its own, or as its file's name says. */
export function recording(audio, contentType) {
  const blob = audio instanceof Blob ? audio : new Blob([audio]);
  const ending = blob.name?.split(".").pop().toLowerCase();
  return { blob, type: contentType || blob.type || MEDIA_TYPES[ending] || "application/octet-stream" };
}

/** Upload sessions; `entries.create` opens one by itself where it must. */
export class Uploads {
  #transport;

  constructor(transport) {
    this.#transport = transport;
  }

  /** A new entry that waits for its recording of exactly `size` bytes, and where to send it. */
  open({ size, content_type, recorded_at, timezone }, { idempotencyKey } = {}) {
    const json = given({ size, content_type, recorded_at, timezone });
    const headers = { "Idempotency-Key": idempotencyKey ?? newKey() };
    return this.#transport.ask("uploads.open", [], { json, headers });
  }

  /**
   * Send a session's recording, going on where it broke off. Resolves to the entry, or to null where the recording
   * went to Cloud Storage, which tells SAMO of it in a moment.
   */
  async send(session, audio, { progress, signal } = {}) {
    const { blob } = recording(audio);
    if (!session.url.startsWith("/")) return this.#resumable(session, blob, progress, signal);
    progress?.(0, blob.size);
    const { headers } = session;
    const request = { content: blob, headers, signal, timeoutS: patienceS(blob.size) };
    const entry = await this.#transport.ask("uploads.send", [session.entry.id], request);
    progress?.(blob.size, blob.size);
    return entry;
  }

  /** https://cloud.google.com/storage/docs/performing-resumable-uploads */
  async #resumable(session, blob, progress, signal) {
    let [there, failures, lost] = [0, 0, false];
    while (there < blob.size) {
      const before = there;
      try {
        there = await this.#step(session, blob, lost ? null : there, signal);
        if (!lost && there <= before) throw unreachable("nothing more of it arrives");
        progress?.(there, blob.size);
        if (there > before) failures = 0;
        lost = false;
      } catch (error) {
        lost = true;
        failures += 1;
        const pause = error instanceof SamoError ? this.#transport.pause(failures, error) : null;
        if (pause === null) throw error;
        await sleep(pause, signal);
      }
    }
    return null;
  }

  /** Send the chunk that begins at `start`, or only ask; how many bytes are there then. */
  async #step(session, blob, start, signal) {
    const stop = start === null ? 0 : Math.min(start + CHUNK, blob.size);
    const span = start === null ? "*" : `${start}-${stop - 1}`;
    const deadline = new Deadline(patienceS(CHUNK), signal);
    try {
      const response = await fetch(session.url, {
        method: session.method,
        headers: { ...session.headers, "Content-Range": `bytes ${span}/${blob.size}` },
        body: blob.slice(start ?? 0, stop),
        signal: deadline.signal,
      });
      return await arrived(response, blob.size);
    } catch (error) {
      throw failure(error, signal);
    } finally {
      deadline.lift();
    }
  }
}

/** How many bytes a storage says it has. */
async function arrived(response, size) {
  if (response.ok) return size;
  if (response.status !== 308) throw await ofAnswer(response);
  const found = /^bytes=0-(\d+)$/.exec(response.headers.get("Range") ?? "");
  return found ? Number(found[1]) + 1 : 0;
}
