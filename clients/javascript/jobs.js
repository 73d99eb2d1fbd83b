/** Background jobs: exports and batch transcriptions. */

import { Conflict, SamoError } from "./errors.js";
import { Deadline, sleep } from "./time.js";
import { connectionError } from "./transport.js";

/** @import { BatchResult, JobView, Progress } from "./samo.js" */
/** @import { Transport } from "./transport.js" */

const FINISHED = new Set(["done", "failed", "cancelled"]);

/** The user's jobs. */
export class Jobs {
  #transport;

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /** All jobs, newest first. @returns {Promise<JobView[]>} */
  async list() {
    return (await this.#transport.request("jobs.list")).jobs;
  }

  /**
   * The state and progress of a job.
   *
   * @param {string} id
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<JobView>}
   */
  get(id, { signal } = {}) {
    return this.#transport.request("jobs.get", [id], { signal });
  }

  /** Cancel a job; a finished one stays as it is. @param {string} id @returns {Promise<JobView>} */
  cancel(id) {
    return this.#transport.request("jobs.cancel", [id]);
  }

  /**
   * Yield the job each time it is polled, until it has finished. Throws a TimeoutError.
   *
   * @param {string} id
   * @param {{ timeoutS?: number, signal?: AbortSignal }} [options]
   * @returns {AsyncGenerator<JobView, void>}
   */
  async *follow(id, { timeoutS = 600, signal } = {}) {
    const deadline = Date.now() + timeoutS * 1000;
    for (let pause = 0.2; ; pause = Math.min(pause * 1.5, 10)) {
      const job = await this.get(id, { signal });
      yield job;
      if (FINISHED.has(job.state)) return;
      const left = (deadline - Date.now()) / 1000;
      if (left <= 0) throw new DOMException(`the job is ${job.state} after ${timeoutS} s`, "TimeoutError");
      await sleep(Math.min(pause, left), signal);
    }
  }

  /**
   * Wait until a job has finished, successfully or not. Throws a TimeoutError.
   *
   * @param {string} id
   * @param {{ timeoutS?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<JobView>}
   */
  async wait(id, options) {
    let last;
    for await (const job of this.follow(id, options)) last = job;
    return /** @type {JobView} */ (last);
  }

  /**
   * The result of a batch transcription; for exports see `exports.download`.
   *
   * @param {string} id
   * @returns {Promise<BatchResult>}
   */
  result(id) {
    return this.#transport.request("jobs.result", [id]);
  }
}

/** Exports of the whole journal as a zip file. */
export class Exports {
  #transport;
  #jobs;

  /** @param {Transport} transport @param {Jobs} jobs */
  constructor(transport, jobs) {
    this.#transport = transport;
    this.#jobs = jobs;
  }

  /** Start an export; it can be downloaded once the job is done. @returns {Promise<JobView>} */
  create() {
    return this.#transport.request("exports.create");
  }

  /**
   * Download an export as a File once its job is done: of `jobId`, or of a new job. Resumes after interruptions.
   *
   * @param {{ jobId?: string, progress?: Progress, timeoutS?: number, signal?: AbortSignal }} [options]
   */
  async download({ jobId, progress, timeoutS = 600, signal } = {}) {
    const job = await this.#jobs.wait(jobId ?? (await this.create()).id, { timeoutS, signal });
    if (job.state !== "done") {
      throw new Conflict(`the export is ${job.state}`, { code: job.code ?? "job_not_done" });
    }
    const download = new Download();
    for (let failures = 0; ; ) {
      const before = download.size;
      try {
        await this.#fetchRest(job.id, download, progress, signal);
        return download.file;
      } catch (error) {
        failures = download.size > before ? 1 : failures + 1;
        const pause = error instanceof SamoError ? this.#transport.pause(failures, error) : null;
        if (pause === null) throw error;
        await sleep(pause, signal);
      }
    }
  }

  /**
   * Download the missing part of a job's result, or everything if the content has changed.
   *
   * @param {string} id
   * @param {Download} download
   * @param {Progress} [progress]
   * @param {AbortSignal} [signal]
   */
  async #fetchRest(id, download, progress, signal) {
    const deadline = new Deadline(this.#transport.timeoutS, signal);
    try {
      const request = { headers: download.headers, signal: deadline.signal };
      const response = await this.#transport.open("jobs.result", [id], request);
      const total = download.begin(response);
      const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body).getReader();
      for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) {
        deadline.extend();
        download.append(value);
        progress?.(download.size, total);
      }
    } catch (error) {
      throw connectionError(error, signal);
    } finally {
      deadline.clear();
    }
  }
}

/** A file that is downloaded over one or more connections. */
class Download {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #parts = [];
  #etag = "";
  #name = "samo.zip";
  size = 0;

  /** Headers of the next request. @returns {Record<string, string>} */
  get headers() {
    return this.size > 0 && this.#etag ? { Range: `bytes=${this.size}-`, "If-Range": this.#etag } : {};
  }

  get file() {
    return new File(this.#parts, this.#name, { type: "application/zip" });
  }

  /** Start reading a response; returns the total size of the file. @param {Response} response */
  begin({ status, headers }) {
    if (status !== 206) [this.#parts, this.size] = [[], 0];
    this.#etag = headers.get("ETag") ?? "";
    this.#name = /filename="([^"]+)"/.exec(headers.get("Content-Disposition") ?? "")?.[1] ?? this.#name;
    return this.size + Number(headers.get("Content-Length") ?? 0);
  }

  /** @param {Uint8Array<ArrayBuffer>} part */
  append(part) {
    this.#parts.push(part);
    this.size += part.length;
  }
}
