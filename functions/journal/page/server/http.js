/** Requests to the journal, as whoever is signed in. */

import { Problem, SignedOut, Unreachable, again, refusal } from "./errors.js";
import * as session from "./session.js";

export const json = async (path, options) => (await request(path, options)).json();

export const asJson = (method, body, headers = {}) => ({
  method,
  headers: { ...headers, "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

/** A response that is fine, or 304. Rejects with Problem, Unreachable, SignedOut or an AbortError. */
export async function request(path, options = {}) {
  let response = await sent(path, options);
  if (response.status === 401 && session.signedIn()) {
    await session.renew();
    response = await sent(path, options);
  }
  if (response.ok || response.status === 304) return response;
  throw response.status === 401 ? lost() : await refusal(response);
}

async function sent(path, options) {
  const headers = { ...options.headers, ...(await session.headers()) };
  try {
    return await fetch(path, { ...options, headers });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Unreachable();
  }
}

/**
 * POST a form, or PUT a file where one is told to; `onProgress` hears the share sent, `signal` calls it off. A token is
 * for this server only.
 */
export async function upload({ method = "POST", url, headers = {}, body }, onProgress, signal) {
  const here = new URL(url, location.href).origin === location.origin;
  const sent = { ...headers, ...(here ? await session.headers() : {}) };
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.responseType = here ? "json" : "text";
    sending.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    sending.onload = () => (sending.status < 300 ? resolve(sending.response) : reject(refused(sending)));
    sending.onerror = () => reject(new Unreachable());
    sending.onabort = () => reject(new DOMException("called off", "AbortError"));
    signal.addEventListener("abort", () => sending.abort());
    sending.open(method, url);
    for (const [name, value] of Object.entries(sent)) sending.setRequestHeader(name, value);
    sending.send(body);
  });
}

function refused(sending) {
  if (sending.status === 401) return lost();
  const said = { status: sending.status, ...(sending.responseType === "json" ? sending.response : {}) };
  return new Problem(said, again(sending.getResponseHeader("Retry-After")));
}

function lost() {
  session.over();
  return new SignedOut();
}

export const wait = (milliseconds, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
