// Dictates the audio it reads with the JavaScript client and writes the events, or the error.
// Run with --experimental-websocket on Node 20, which has no WebSocket of its own.

import { readFileSync } from "node:fs";
import { Samo, SamoError } from "../../clients/javascript/samo.js";

const { address, tokens, retries, chunks, options, sourceFails, leaveAfter } = JSON.parse(readFileSync(0, "utf8"));
const { WebSocket } = globalThis;
delete globalThis.WebSocket; // it is passed in instead

class SourceError extends Error {}

async function* source() {
  for (const chunk of chunks) yield Buffer.from(chunk, "base64");
  if (sourceFails) throw new SourceError("the source failed");
  if (leaveAfter) await new Promise(() => {});
}

function plainError(error) {
  if (error instanceof SourceError) return { name: "SourceError" };
  if (!(error instanceof SamoError)) throw error;
  const { name, code, status, detail, requestId, retryAfter } = error;
  return { name, code, status, detail, request_id: requestId, retry_after: retryAfter };
}

const token = Array.isArray(tokens) ? () => tokens.shift() ?? null : tokens;
const samo = new Samo(address, { token, retries, WebSocket });
const events = [];
try {
  for await (const event of samo.dictate(source(), options)) {
    events.push(event);
    if (events.length === leaveAfter) break;
  }
  console.log(JSON.stringify({ events }));
} catch (error) {
  console.log(JSON.stringify({ events, error: plainError(error) }));
}
