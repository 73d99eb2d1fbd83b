/** Recordings on their way up: in one request or, where they are too large for one, through an upload session. */

import { takesLarge } from "./config.js";
import { asJson, json, request, upload as send } from "./http.js";

const LARGE = 24 * 2 ** 20;
const TYPES = { "3gp": "audio/3gpp", flac: "audio/flac", m4a: "audio/mp4", mp3: "audio/mpeg", mp4: "video/mp4", ogg: "audio/ogg", opus: "audio/ogg", wav: "audio/wav", webm: "audio/webm" };

/** Answers the new entry, one a `key`; `onProgress` hears the share sent, `signal` calls it off. */
export async function upload({ blob, name, key }, fields, onProgress, signal) {
  if (blob.size > LARGE && takesLarge()) return uploadLarge(blob, name, fields, onProgress, signal);
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append("audio", blob, name);
  return send({ url: "/v1/entries", headers: { "Idempotency-Key": key }, body: form }, onProgress, signal);
}

/** An entry that waits for its recording; it does not stay behind when none comes. */
async function uploadLarge(blob, name, fields, onProgress, signal) {
  const asked = { size: blob.size, content_type: typeOf(blob, name), ...fields };
  const { entry, url, headers, method } = await json("/v1/uploads", asJson("POST", asked));
  const address = `/v1/entries/${encodeURIComponent(entry.id)}`;
  try {
    await send({ method, url, headers, body: blob }, onProgress, signal);
  } catch (error) {
    request(address, { method: "DELETE" }).catch(() => {});
    throw error;
  }
  return json(address);
}

function typeOf(blob, name) {
  if (/^(audio|video)\//.test(blob.type)) return blob.type.split(";")[0];
  return TYPES[name.split(".").pop().toLowerCase()] ?? "audio/mpeg";
}
