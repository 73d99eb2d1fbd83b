/** Entries for the tests, as the API returns them. */

/** @param {Record<string, any>} changes */
export const entry = ({ insight = {}, ...changes } = {}) => ({
  id: "e1",
  source: "text",
  status: "ready",
  recorded_at: "2026-03-01T12:00:00Z",
  timezone: null,
  audio: null,
  stages: [],
  feedback: [],
  ...changes,
  insight: { emotions: [], feelings: [], topics: [], sentiment: null, summary: null, empty_reason: null, ...insight },
});
