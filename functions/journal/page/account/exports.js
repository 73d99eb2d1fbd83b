/** Exports the whole journal as a zip file: starts the job, shows its progress, downloads the result. */

import { alertText, announce, button, h } from "../common/dom.js";
import { dateTime, shortDate } from "../common/format.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";

/** @import { JobView } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

export class ExportSection {
  #status = h("div", { class: "export" });
  #closing = new AbortController();

  constructor() {
    const description = t("account.all_entries_as_json_and_all");
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
    const label = action ? t("account.export_again") : t("account.export_everything");
    const start = button(label, () => this.#start(), action ? "quiet" : "plain");
    this.#status.replaceChildren(content || "", h("div", { class: "actions" }, action, start));
  }

  async #start() {
    try {
      const job = await api.createExport();
      announce(t("account.your_export_is_being_prepared"));
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
    if (job.state === "failed") this.#showButton(alertText(t("account.the_export_failed_try_again")));
    else if (job.state === "cancelled") this.#showButton();
    else if (job.state === "done") this.#showReady(job);
    else this.#showProgress(job);
  }

  /** @param {JobView} job */
  #showProgress({ id, done, total }) {
    const text = total
      ? t("account.done_of", { done, entries: t("common.entries", { count: total }) })
      : t("account.collecting_your_entries");
    const bar = h("progress", { max: total || 1, value: total ? done : null, "aria-label": t("account.export") });
    const cancel = button(t("common.cancel"), () => api.cancelJob(id).catch(() => {}), "quiet");
    this.#status.replaceChildren(h("p", { role: "status" }, text), bar, h("div", { class: "actions" }, cancel));
  }

  /** @param {JobView} job */
  #showReady(job) {
    const { done, finished_at, expires_at } = job;
    const entries = t("common.entries", { count: done });
    const created = finished_at && `, created ${dateTime(finished_at)}`;
    const expires = expires_at && t("account.available_until", { expires_at: shortDate(expires_at) });
    const text = t("account.your_export_is_ready", { entries, created: created ?? "", expires: expires ?? "" });
    this.#showButton(
      h("p", { role: "status" }, text),
      button(t("common.download"), () => this.#download(job), "primary"),
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
