/** One connection of a dictation, from the `start` message to `ended`. */

import { errorFor, unreachable } from "./errors.js";

/** @import { DictationEnded } from "./samo.js" */

/** A server error closes the connection with this plus an HTTP status. */
const CLOSE_CODE_BASE = 4000;

/**
 * Run a connection. Resolves to the `ended` message; rejects with SamoError if the server reports an error or the
 * connection is lost.
 *
 * @param {WebSocket} socket
 * @param {object} start the first message
 * @param {number} timeoutS for `ready` to arrive
 * @param {(message: any) => void} onMessage
 * @returns {Promise<DictationEnded>}
 */
export function runConnection(socket, start, timeoutS, onMessage) {
  return new Promise((resolve, reject) => {
    let [opened, detail] = [false, ""];
    /** @param {unknown} error */
    const fail = (error) => {
      clearTimeout(timer);
      reject(error);
    };
    const late = () => fail(unreachable("the dictation service does not respond"));
    const timer = setTimeout(late, timeoutS * 1000);
    socket.onopen = () => {
      opened = true;
      socket.send(JSON.stringify(start));
    };
    socket.onmessage = ({ data }) => {
      try {
        const message = JSON.parse(data);
        if (message.type === "ready") clearTimeout(timer);
        if (message.type === "error") detail = message.message; // `close` follows, with the code
        onMessage(message);
        if (message.type === "ended") resolve(message);
      } catch (error) {
        fail(unreachable(error));
      }
    };
    socket.onerror = () => {
      // once open, `close` follows with details; before, it may not follow at all
      if (!opened) fail(unreachable("the connection could not be opened"));
    };
    socket.onclose = ({ code, reason }) => fail(closeError(code, reason, detail));
  });
}

/** @param {number} code @param {string} reason @param {string} detail */
function closeError(code, reason, detail) {
  const status = code - CLOSE_CODE_BASE;
  if (status < 400 || status >= 600) return unreachable(`the connection was closed (${code})`);
  return errorFor(status, detail, { code: reason || `http_${status}` });
}
