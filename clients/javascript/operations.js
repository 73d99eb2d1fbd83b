/**
 * The API operations, by the client method that calls each.
 *
 * `repeatable`: idempotent, so that it may be retried when no response arrives. `done`: the error code of a retry whose
 * first attempt succeeded although its response was lost.
 *
 * @type {Record<string, { method: string, path: string, repeatable: boolean, done?: string }>}
 */
export const OPERATIONS = {
  "entries.create": { method: "POST", path: "/v1/entries", repeatable: true }, // like uploads.open, sent with an Idempotency-Key
  "entries.list": { method: "GET", path: "/v1/entries", repeatable: true },
  "entries.get": { method: "GET", path: "/v1/entries/{}", repeatable: true },
  "entries.edit": { method: "PATCH", path: "/v1/entries/{}", repeatable: false },
  "entries.transcribe": { method: "POST", path: "/v1/entries/{}/transcription", repeatable: false },
  "entries.delete": { method: "DELETE", path: "/v1/entries/{}", repeatable: true, done: "entry_not_found" },
  "entries.feedback": { method: "PUT", path: "/v1/entries/{}/feedback", repeatable: true },
  "corrections.set": { method: "PATCH", path: "/v1/entries/{}/corrections", repeatable: true },
  "corrections.takeBack": { method: "DELETE", path: "/v1/entries/{}/corrections", repeatable: true },
  "entries.follow": { method: "GET", path: "/v1/entries/{}/events", repeatable: true },
  "entries.transcript": { method: "GET", path: "/v1/entries/{}/transcript", repeatable: true },
  "entries.audio": { method: "GET", path: "/v1/entries/{}/audio", repeatable: true },
  "entries.similar": { method: "GET", path: "/v1/entries/{}/similar", repeatable: true },
  "uploads.open": { method: "POST", path: "/v1/uploads", repeatable: true },
  "uploads.send": { method: "PUT", path: "/v1/entries/{}/audio", repeatable: true, done: "audio_exists" },
  "account.get": { method: "GET", path: "/v1/me", repeatable: true },
  "account.update": { method: "PATCH", path: "/v1/me", repeatable: true },
  "account.delete": { method: "DELETE", path: "/v1/me", repeatable: true },
  "names.get": { method: "GET", path: "/v1/names", repeatable: true },
  "names.change": { method: "PATCH", path: "/v1/names", repeatable: true },
  "keys.create": { method: "POST", path: "/v1/keys", repeatable: false },
  "keys.list": { method: "GET", path: "/v1/keys", repeatable: true },
  "keys.rotate": { method: "POST", path: "/v1/keys/{}/rotate", repeatable: false },
  "keys.revoke": { method: "DELETE", path: "/v1/keys/{}", repeatable: true, done: "key_not_found" },
  "exports.create": { method: "POST", path: "/v1/exports", repeatable: false },
  "jobs.list": { method: "GET", path: "/v1/jobs", repeatable: true },
  "jobs.get": { method: "GET", path: "/v1/jobs/{}", repeatable: true },
  "jobs.cancel": { method: "POST", path: "/v1/jobs/{}/cancel", repeatable: true },
  "jobs.result": { method: "GET", path: "/v1/jobs/{}/result", repeatable: true },
  "admin.get": { method: "GET", path: "/v1/admin/accounts/{}", repeatable: true },
  "admin.delete": { method: "DELETE", path: "/v1/admin/accounts/{}", repeatable: true },
  "admin.revokeKeys": { method: "POST", path: "/v1/admin/accounts/{}/keys/revoke", repeatable: true },
  "dictation.address": { method: "GET", path: "/v1/dictation/address", repeatable: true },
  search: { method: "GET", path: "/v1/search", repeatable: true },
  predict: { method: "POST", path: "/predict", repeatable: true },
  predictBatch: { method: "POST", path: "/predict_batch", repeatable: true },
  summarize: { method: "POST", path: "/summarize", repeatable: true },
  transcribe: { method: "POST", path: "/transcribe", repeatable: true },
  transcribeBatch: { method: "POST", path: "/transcribe/batch", repeatable: false },
};
