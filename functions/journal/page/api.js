/** The journal's API as the page uses it. */

const FINAL = new Set(["ready", "partial", "failed"]);

export const isFinal = (entry) => FINAL.has(entry.status);

/** The server refused: RFC 9457 problem details. */
export class Problem extends Error {
  constructor({ title, status, code, detail }) {
    super(detail || title || `The server answered ${status}.`);
    this.status = status;
    this.code = code;
  }
}

/** The server did not answer at all; the window hears of it as `unreachable`. */
export class Unreachable extends Error {
  constructor() {
    super("The journal does not answer. Is it still running on this machine?");
    dispatchEvent(new Event("unreachable"));
  }
}

export const list = (limit, cursor) => {
  const query = new URLSearchParams({ limit, ...(cursor ? { cursor } : {}) });
  return json(`/v1/entries?${query}`);
};

export const read = (id) => json(address(id));

export const write = (entry) => json("/v1/entries", asJson("POST", entry));

export const edit = (id, text) => json(address(id), asJson("PATCH", { text }));

export const remove = (id) => request(address(id), { method: "DELETE" });

/** Send a recording; `onProgress` hears the share sent, `signal` calls it off. */
export function upload(blob, name, fields, onProgress, signal) {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append("audio", blob, name);
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.responseType = "json";
    sending.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    sending.onload = () => (sending.status === 201 ? resolve(sending.response) : reject(refusal(sending)));
    sending.onerror = () => reject(new Unreachable());
    sending.onabort = () => reject(new DOMException("called off", "AbortError"));
    signal.addEventListener("abort", () => sending.abort());
    sending.open("POST", "/v1/entries");
    sending.send(form);
  });
}

/**
 * Hear of an entry until it is final: by its stream, or by polling where there is none.
 * Returns a function that stops it. `onLost` hears of an unreachable server, once an outage.
 */
export function follow(id, { onEntry, onDeleted, onLost }) {
  const source = new EventSource(`${address(id)}/events`);
  let poll = null;
  const stop = () => {
    source.close();
    poll?.abort();
  };
  const hear = (entry) => {
    if (isFinal(entry)) stop();
    onEntry(entry);
  };
  const gone = () => {
    stop();
    onDeleted();
  };
  source.addEventListener("entry", (event) => hear(JSON.parse(event.data)));
  source.addEventListener("deleted", gone);
  source.onerror = () => {
    source.close();
    poll ??= new AbortController();
    keepPolling(id, poll.signal, { hear, gone, onLost });
  };
  return stop;
}

async function keepPolling(id, signal, { hear, gone, onLost }) {
  let tag = null;
  let pause = 500;
  let lost = false;
  while (!signal.aborted) {
    try {
      const response = await request(address(id), { signal, headers: tag ? { "If-None-Match": tag } : {} });
      pause = response.status === 304 ? Math.min(pause * 1.3, 5000) : 500;
      if (response.status === 200) {
        tag = response.headers.get("ETag");
        hear(await response.json());
      }
      lost = false;
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404) return void gone();
      if (!lost) onLost();
      lost = true;
      pause = Math.min(pause * 2, 8000);
    }
    await wait(pause, signal);
  }
}

export const wait = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

const address = (id) => `/v1/entries/${encodeURIComponent(id)}`;

const asJson = (method, body) => ({
  method,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

const json = async (path, options) => (await request(path, options)).json();

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Unreachable();
  }
  if (response.ok || response.status === 304) return response;
  throw new Problem(await response.json().catch(() => ({ status: response.status })));
}

const refusal = (sending) => new Problem(sending.response ?? { status: sending.status });
