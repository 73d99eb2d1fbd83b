/** What SAMO is sent and answers. Written by `python -m clients.generate` from the OpenAPI document. */

/** RFC 9457 problem details; `code` is stable and meant for programs. */
export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  type?: string;
  request_id?: string;
}

/** One entry. `transcript` and the insight's `arc` are null in lists and until they exist. */
export interface EntryView {
  id: string;
  source: Source;
  status: Status;
  revision: number;
  created_at: string;
  recorded_at: string;
  updated_at: string;
  timezone: string | null;
  language: string | null;
  audio: AudioView | null;
  stages: StageView[];
  insight: InsightView;
  feedback: Feedback[];
  transcript?: TranscriptView | null;
}

export type Source = "text" | "voice";

export type Status = "awaiting_audio" | "failed" | "partial" | "processing" | "ready";

/** The recording; `url` is null once it has been deleted. `partial`: it broke off. */
export interface AudioView {
  content_type: string;
  size: number;
  duration_s: number | null;
  partial: boolean;
  url: string | null;
  delete_after: string | null;
}

/** One stage's progress; `progress` is a share (0..1), null while unknown. */
export interface StageView {
  stage: Stage;
  state: StageState;
  progress?: number | null;
  engine?: string | null;
  model_version?: string | null;
  started_at?: string | null;
  finished_at?: string | null;
  error?: StageError | null;
}

export type Stage = "emotion" | "summarization" | "transcription";

export type StageState = "done" | "failed" | "pending" | "running" | "skipped";

/** Why a stage failed: a stable code and a sentence a client may show. */
export interface StageError {
  code: string;
  message: string;
}

/** What was felt, what about, and what it came down to; `empty_reason` says why there is nothing. */
export interface InsightView {
  emotions: EmotionScore[];
  feelings: LabelScore[];
  topics: LabelScore[];
  sentiment: number | null;
  summary: Summary | null;
  empty_reason: EmptyReason | null;
  arc?: ArcPointView[] | null;
}

/** One of GoEmotions' 28 labels and its probability (0..1). */
export interface EmotionScore {
  emotion: string;
  confidence: number;
}

/** One of the journal's 18 feelings or 11 topics and its probability (0..1). */
export interface LabelScore {
  label: string;
  confidence: number;
}

/**
 * What an entry comes down to.
 *
 * `quotes` are the sentences it is made of or, where it is in new words, those that say what it says.
 */
export interface Summary {
  text: string;
  engine: string;
  style?: Style;
  title?: string | null;
  quotes?: Quote[];
  fallback_reason?: FallbackReason | null;
}

/** How a summary is made. */
export type Style = "abstract" | "extract";

/** A sentence of the entry's own, when it was said, and what it expresses. */
export interface Quote {
  text: string;
  segment: number;
  start?: number | null;
  end?: number | null;
  emotions?: EmotionScore[];
  entry?: number | null;
}

/** Why a summary is made of extracts although new words were asked for. */
export type FallbackReason = "changed_negation" | "invented_name" | "invented_number" | "invented_person" | "invented_words" | "not_installed" | "nothing_written" | "unsupported";

/** Why an insight is empty although nothing failed. */
export type EmptyReason = "no_speech" | "no_words" | "unsupported_language";

/** What one segment expresses; `start` and `end` (seconds) are null for typed text. */
export interface ArcPointView {
  segment: number;
  start: number | null;
  end: number | null;
  sentiment: number;
  emotions: EmotionScore[];
}

/**
 * A person's word on one emotion of their entry, or of one segment of it.
 *
 * Attributes:
 *     emotion: one of the 28, whether it was found or missed.
 *     correction: the one it was, where the verdict is `correct`.
 *     revision: of the entry the person had before them.
 */
export interface Feedback {
  emotion: string;
  verdict: FeedbackVerdict;
  correction?: string | null;
  segment?: number | null;
  revision: number;
  given_at: string;
}

/** What a person says of an emotion that was found. */
export type FeedbackVerdict = "agree" | "correct" | "disagree";

export interface TranscriptView {
  text: string;
  segments: Segment[];
}

/** A sentence; timed (seconds) when it was spoken, untimed when it was typed. */
export interface Segment {
  text: string;
  start?: number | null;
  end?: number | null;
  confidence?: number | null;
  words?: Word[];
}

/** One spoken word; `probability` in 0..1 where the engine has one. */
export interface Word {
  text: string;
  start: number;
  end: number;
  probability?: number | null;
}

/** A page of a list. */
export interface Paging {
  from?: string | null;
  to?: string | null;
  emotion?: string | null;
  feeling?: string | null;
  topic?: string | null;
  limit?: number;
  cursor?: string | null;
}

/** One page, newest recording first; pass `next_cursor` on for the next one. */
export interface EntryList {
  entries: EntryView[];
  next_cursor: string | null;
}

/** An entry's words as they should be. */
export interface EntryEdit {
  text: string;
}

/** What the person says of an emotion; `correction`: the one it was, where the verdict is `correct`. */
export interface NewFeedback {
  emotion: string;
  verdict: FeedbackVerdict;
  correction?: string | null;
  segment?: number | null;
}

/** How a transcript comes back: JSON, plain text, SubRip or WebVTT. */
export interface Format {
  format?: "json" | "srt" | "txt" | "vtt";
}

/** What was said or typed. `segments` joined by spaces read as `text`. */
export interface Transcript {
  text: string;
  segments?: Segment[];
  language?: string | null;
  duration_s?: number | null;
  partial?: boolean;
}

/** A recording that is about to be sent: exactly `size` bytes of exactly this type. */
export interface NewRecording {
  size: number;
  content_type: string;
  recorded_at?: string | null;
  timezone?: string | null;
}

/**
 * PUT the recording to `url` with these headers. The address is a secret, good for one recording.
 *
 * An interrupted upload to another host than SAMO's own goes on as Cloud Storage's resumable uploads do.
 */
export interface UploadSession {
  entry: EntryView;
  url: string;
  headers: Record<string, string>;
  method?: string;
}

/**
 * What a user has agreed to and asked for; where they asked for nothing, what holds for everybody.
 *
 * `required_consent` is the version of the terms that must be agreed to before an entry is made, if any.
 */
export interface AccountView {
  consent_version: string | null;
  consented_at: string | null;
  required_consent: string | null;
  timezone: string | null;
  language: string | null;
  audio_retention: "days" | "kept" | "until_transcribed";
  audio_retention_days: number;
  retention_days: number | null;
}

/** What is to change; null takes a wish back. `consent_version`: of the terms that are agreed to. */
export interface AccountChanges {
  consent_version?: string | null;
  timezone?: string | null;
  language?: string | null;
  audio_retention?: "days" | "kept" | "until_transcribed" | null;
  audio_retention_days?: number | null;
  retention_days?: number | null;
}

/** The account is deleted: no call is let in any more, and everything of it is being removed. */
export interface DeletionReceipt {
  state?: "deleting";
}

/** `days`: for how long it is good; until it is revoked where not given. */
export interface NewKey {
  name: string;
  scopes: Scope[];
  days?: number | null;
}

/** What a caller may do. */
export type Scope = "account" | "admin" | "analyze" | "entries:delete" | "entries:export" | "entries:read" | "entries:write";

/** A key and its secret, which is shown this once: send it as `Authorization: Bearer …`. */
export interface KeySecret {
  key: KeyView;
  secret: string;
}

/** An API key without its secret; `last_used_at` is right to within ten minutes. */
export interface KeyView {
  id: string;
  name: string;
  scopes: Scope[];
  created_at: string;
  ends_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface KeyList {
  keys: KeyView[];
}

/** For how long the secret before stays good, so that servers can change without a gap. */
export interface Rotation {
  grace_hours?: number;
}

/** `q` in the person's own words; the rest as for lists. */
export interface Search {
  from?: string | null;
  to?: string | null;
  emotion?: string | null;
  feeling?: string | null;
  topic?: string | null;
  q: string;
  limit?: number;
}

/** Best first; `model` by which they were compared. */
export interface SearchResults {
  results: SearchResult[];
  model: string;
}

/** `score` is how much alike (0..1); `passage` the sentence that is most so. */
export interface SearchResult {
  entry: EntryView;
  score: number;
  passage: string;
}

export interface SimilarQuery {
  limit?: number;
}

/** Of an account only numbers: `entries` is counted up to 10,000, tombstones included. */
export interface AccountSummary {
  state: "deleted" | "standing";
  entries: number;
  keys: number;
  open_jobs: number;
  consent_version: string | null;
}

export interface RevokedKeys {
  revoked: number;
}

/** Work under way or done: `done` of `total` parts; `result` is where to fetch what came of it. */
export interface JobView {
  id: string;
  kind: JobKind;
  state: JobState;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
  done: number;
  total: number | null;
  code: string | null;
  result: string | null;
  expires_at: string | null;
}

export type JobKind = "export" | "transcription";

export type JobState = "cancelled" | "done" | "failed" | "queued" | "running";

export interface JobList {
  jobs: JobView[];
}

/** In the order in which the recordings were sent. */
export interface BatchResult {
  recordings: TranscribedRecording[];
}

/** One recording of a batch: its words, or why there are none. */
export interface TranscribedRecording {
  name: string;
  text: string | null;
  segments: Segment[];
  language: string | null;
  duration_s: number | null;
  empty_reason: EmptyReason | null;
  error: StageError | null;
}

/** A WebSocket's address. */
export interface DictationAddress {
  url: string;
}

/** The transcript; with no text, `empty_reason` says why. `partial`: the recording broke off. */
export interface TranscribeResponse {
  text: string;
  segments: Segment[];
  language: string | null;
  duration_s: number | null;
  partial: boolean;
  engine: string;
  empty_reason: EmptyReason | null;
}

export interface PredictRequest {
  text: string;
}

/** As `Prediction`, with the time spent on it, such as `4.1ms`. */
export interface PredictResponse {
  emotions: EmotionScore[];
  feelings: LabelScore[];
  topics: LabelScore[];
  sentiment: number | null;
  empty_reason?: EmptyReason | null;
  inference_time: string;
}

export interface BatchRequest {
  texts: string[];
}

/** One prediction a text, in order. */
export interface BatchResponse {
  results: Prediction[];
  inference_time: string;
}

/**
 * What a text expresses: labels above their thresholds, surest first; sentiment in -1..1.
 *
 * `empty_reason` is there when the text can't be understood; then the rest is empty.
 */
export interface Prediction {
  emotions: EmotionScore[];
  feelings: LabelScore[];
  topics: LabelScore[];
  sentiment: number | null;
  empty_reason?: EmptyReason | null;
}

/**
 * Either `text` or `segments`; `max_sentences` come back at most.
 *
 * `style` `extract` quotes the text's own sentences; `abstract` writes new ones, and falls back to extracts,
 * with a `fallback_reason`, where what it wrote is not in the text or no model is installed.
 */
export interface SummarizeRequest {
  text?: string | null;
  segments?: Segment[] | null;
  max_sentences?: number;
  style?: Style;
}

/** `summary` is null, and `empty_reason` says why, when the text can't be understood. */
export interface SummarizeResponse {
  summary: Summary | null;
  empty_reason?: EmptyReason | null;
}

/** A typed entry. `recorded_at` without a zone is taken for UTC; `timezone` is an IANA name. */
export interface NewEntry {
  text: string;
  recorded_at?: string | null;
  timezone?: string | null;
}
