/** Work that takes longer than a request: exports, and recordings transcribed by the dozen. */

import { Conflict, SamoError } from "./errors.js";
import { Deadline, sleep } from "./time.js";
import { failure } from "./transport.js";

const OVER = new Set(["done", "failed", "cancelled"]);

/** The user's jobs. */
export class Jobs {
  #transport;

  constructor(transport) {
    this.#transport = transport;
  }

  /** All jobs, newest first. */
  async list() {
    return (await this.#transport.ask("jobs.list")).jobs;
  }

  /** How far a job is. */
  get(id, { signal } = {}) {
    return this.#transport.ask("jobs.get", [id], { signal });
  }

  /** Stop a job; one that is over stays as it is. */
  cancel(id) {
    return this.#transport.ask("jobs.cancel", [id]);
  }

  /** The job once it is over, well or not; throws a TimeoutError if that takes longer. */
  async wait(id, { timeoutS = 600, signal } = {}) {
    const deadline = Date.now() + timeoutS * 1000;
    for (let pause = 0.2; ; pause = Math.min(pause * 1.5, 10)) {
      const job = await this.get(id, { signal });
      if (OVER.has(job.state)) return job;
      const left = (deadline - Date.now()) / 1000;
      if (left <= 0) throw new DOMException(`the job is ${job.state} after ${timeoutS} s`, "TimeoutError");
      await sleep(Math.min(pause, left), signal);
    }
  }

  /** What came of a batch of recordings; an export is fetched by `exports.download`. */
  result(id) {
    return this.#transport.ask("jobs.result", [id]);
  }
}

/** Everything in the journal, as a zip file. */
export class Exports {
  #transport;
  #jobs;

  constructor(transport, jobs) {
    this.#transport = transport;
    this.#jobs = jobs;
  }

  /** Ask for an export; the job is done when it can be downloaded. */
  create() {
    return this.#transport.ask("exports.create");
  }

  /** An export as a Blob, once it is done: a new one, or the one of `jobId`. */
  async download({ jobId, progress, timeoutS = 600, signal } = {}) {
    const job = await this.#jobs.wait(jobId ?? (await this.create()).id, { timeoutS, signal });
    if (job.state !== "done") {
      throw new Conflict(`the export is ${job.state}`, { code: job.code ?? "job_not_done" });
    }
    const fetched = { parts: [], size: 0, etag: "" };
    for (let failures = 0; ; ) {
      const before = fetched.size;
      try {
        await this.#fetchRest(job.id, fetched, progress, signal);
        return new Blob(fetched.parts, { type: "application/zip" });
      } catch (error) {
        failures = fetched.size > before ? 1 : failures + 1;
        const pause = error instanceof SamoError ? this.#transport.pause(failures, error) : null;
        if (pause === null) throw error;
        await sleep(pause, signal);
      }
    }
  }

  /** What is missing of a job's result; all of it, if it is not what it was. */
  async #fetchRest(id, fetched, progress, signal) {
    const going = fetched.size > 0 && fetched.etag;
    const headers = going ? { Range: `bytes=${fetched.size}-`, "If-Range": fetched.etag } : {};
    const deadline = new Deadline(this.#transport.timeoutS, signal);
    try {
      const response = await this.#transport.open("jobs.result", [id], { headers, signal: deadline.signal });
      if (response.status !== 206) Object.assign(fetched, { parts: [], size: 0 });
      fetched.etag = response.headers.get("ETag") ?? "";
      const total = fetched.size + Number(response.headers.get("Content-Length") ?? 0);
      const reader = response.body.getReader();
      for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
        deadline.extend();
        fetched.parts.push(value);
        fetched.size += value.length;
        progress?.(fetched.size, total);
      }
    } catch (error) {
      throw failure(error, signal);
    } finally {
      deadline.lift();
    }
  }
}
