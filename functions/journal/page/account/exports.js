/** Exports the whole journal as a zip file: starts the job, shows its progress, downloads the result. */

import { alertText, announce, button, h } from "../common/dom.js";
import { dateTime, plural, shortDate } from "../common/format.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";

/** @import { JobView } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

export class ExportSection {
  #status = h("div", { class: "export" });
  #closing = new AbortController();

  constructor() {
    const description = "All entries as JSON and all stored recordings, in one zip file.";
    this.element = h("div", {}, h("p", { class: "quiet-text" }, description), this.#status);
    this.#showNewest();
  }

  close() {
    this.#closing.abort();
  }

  /** Show the progress of the newest export, if there is one. */
  async #showNewest() {
    this.#showButton();
    try {
      const jobs = await api.listJobs();
      const newest = jobs.find(({ kind, state }) => kind === "export" && state !== "cancelled");
      if (newest) await this.#follow(newest);
    } catch {
      // requesting an export reports the same problem
    }
  }

  /** @param {Child} [content] @param {Child} [action] */
  #showButton(content = "", action = "") {
    const label = action ? "Export again" : "Export everything";
    const start = button(label, () => this.#start(), action ? "quiet" : "plain");
    this.#status.replaceChildren(content || "", h("div", { class: "actions" }, action, start));
  }

  async #start() {
    try {
      const job = await api.createExport();
      announce("Your export is being prepared.");
      await this.#follow(job);
    } catch (error) {
      this.#showButton(alertText(messageOf(error)));
    }
  }

  /** @param {JobView} job */
  async #follow(job) {
    const { signal } = this.#closing;
    this.#show(job);
    try {
      for await (const update of api.followJob(job.id, signal)) this.#show(update);
    } catch (error) {
      if (!signal.aborted) this.#showButton(alertText(messageOf(error)));
    }
  }

  /** @param {JobView} job */
  #show(job) {
    if (job.state === "failed") this.#showButton(alertText("The export failed. Try again."));
    else if (job.state === "cancelled") this.#showButton();
    else if (job.state === "done") this.#showReady(job);
    else this.#showProgress(job);
  }

  /** @param {JobView} job */
  #showProgress({ id, done, total }) {
    const text = total ? `${done} of ${plural(total, "entry", "entries")}` : "Collecting your entries…";
    const bar = h("progress", { max: total || 1, value: total ? done : null, "aria-label": "Export" });
    const cancel = button("Cancel", () => api.cancelJob(id).catch(() => {}), "quiet");
    this.#status.replaceChildren(h("p", { role: "status" }, text), bar, h("div", { class: "actions" }, cancel));
  }

  /** @param {JobView} job */
  #showReady(job) {
    const { done, finished_at, expires_at } = job;
    const entries = plural(done, "entry", "entries");
    const created = finished_at && `, created ${dateTime(finished_at)}`;
    const expires = expires_at && `, available until ${shortDate(expires_at)}`;
    const text = `Your export is ready: ${entries}${created ?? ""}${expires ?? ""}.`;
    this.#showButton(
      h("p", { role: "status" }, text),
      button("Download", () => this.#download(job), "primary"),
    );
  }

  /** @param {JobView} job */
  async #download(job) {
    try {
      saveFile(await api.downloadExport(job.id));
    } catch (error) {
      this.#showButton(alertText(messageOf(error)));
    }
  }
}

/** @param {File} file */
function saveFile(file) {
  const href = URL.createObjectURL(file);
  h("a", { href, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
