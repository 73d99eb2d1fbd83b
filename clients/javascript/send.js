/** Sends one HTTP request with fetch or, to report upload progress, with XMLHttpRequest. */

const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * Send a request. fetch reports no upload progress, so browsers use XMLHttpRequest if `progress` is given.
 *
 * @param {string} url
 * @param {{ method: string, headers: Record<string, string>, body?: BodyInit, signal: AbortSignal }} request
 * @param {(sent: number) => void} [progress] called with the number of bytes sent so far
 * @returns {Promise<Response>}
 */
export function send(url, request, progress) {
  return progress && request.body && globalThis.XMLHttpRequest
    ? sendByXhr(url, request, progress)
    : fetch(url, request);
}

/** @type {(...args: Required<Parameters<typeof send>>) => Promise<Response>} */
function sendByXhr(url, { method, headers, body, signal }, progress) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const abort = () => {
      xhr.abort();
      reject(signal.reason);
    };
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded }) => progress(loaded);
    xhr.onload = () => resolve(responseOf(xhr));
    xhr.onerror = () => reject(new TypeError("the connection failed"));
    xhr.onloadend = () => signal.removeEventListener("abort", abort);
    xhr.send(/** @type {XMLHttpRequestBodyInit} */ (body));
  });
}

/** @param {XMLHttpRequest} xhr */
function responseOf(xhr) {
  const headers = new Headers();
  for (const line of xhr
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const body = WITHOUT_BODY.has(xhr.status) ? null : xhr.responseText;
  return new Response(body, { status: xhr.status, headers });
}
