/** One connection of a dictation, from the `start` message to `ended`. */

import { errorFor, unreachable } from "./errors.js";

/** @import { DictationEnded } from "./samo.js" */

/** A refusal closes the connection with this plus its HTTP status. */
const REFUSED = 4000;

/**
 * Resolves to the `ended` message; rejects with SamoError where the server refuses or the connection is lost.
 *
 * @param {WebSocket} socket
 * @param {object} start the first message
 * @param {number} timeoutS for `ready` to come
 * @param {(message: any) => void} onMessage
 * @returns {Promise<DictationEnded>}
 */
export function converse(socket, start, timeoutS, onMessage) {
  return new Promise((resolve, reject) => {
    let [opened, detail] = [false, ""];
    /** @param {unknown} error */
    const fail = (error) => {
      clearTimeout(timer);
      reject(error);
    };
    const late = () => fail(unreachable("the dictation service does not answer"));
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
      // once open, `close` follows and says more; before, it does not always follow
      if (!opened) fail(unreachable("the connection could not be opened"));
    };
    socket.onclose = ({ code, reason }) => fail(closeError(code, reason, detail));
  });
}

/** @param {number} code @param {string} reason @param {string} detail */
function closeError(code, reason, detail) {
  const status = code - REFUSED;
  if (status < 400 || status >= 600) return unreachable(`the connection was closed (${code})`);
  return errorFor(status, detail, { code: reason || `http_${status}` });
}
