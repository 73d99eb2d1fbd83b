/** Request and response types, generated from the OpenAPI document by clients/generate.py. */

/** RFC 9457 problem details. `code` is stable and meant for programs. */
export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  type?: string;
  request_id?: string;
}

/**
 * An entry. `transcript` and the insight's `arc` and `claims` are null in lists, and until they exist.
 *
 * If there is `support`, show it in place of the insight's scores and chart, unless it was dismissed.
 * `opening` are the first words of an entry without a summary whose `language` is not analyzed.
 */
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
  support?: SupportNote | null;
  opening?: string | null;
}

export type Source = "text" | "voice";

export type Status = "awaiting_audio" | "failed" | "partial" | "processing" | "ready";

/**
 * The recording. `url` is null once it is deleted.
 *
 * `partial`: not all of it could be heard; `partial_reason`: why, if that is known.
 */
export interface AudioView {
  content_type: string;
  size: number;
  duration_s: number | null;
  partial: boolean;
  url: string | null;
  delete_after: string | null;
  partial_reason?: PartialReason | null;
}

/** Why not all of a recording could be heard. */
export type PartialReason = "ends_early" | "unreadable_part";

/** The state of one stage. `progress` is a fraction (0..1), or null if unknown. */
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

/** Why a stage failed: a stable code, and a message that clients may show. */
export interface StageError {
  code: string;
  message: string;
}

/**
 * Emotions, topics and summary of an entry. If they are empty, `empty_reason` says why.
 *
 * The first emotion leads, unless it is hard to tell: then `certain` is false. `claims` are what to show, in
 * words, each with the sentences it rests on. What the user corrected replaces what the models found;
 * `corrected` names these parts. Labels that the user stated have the confidence 1, most important first.
 */
export interface InsightView {
  emotions: EmotionScore[];
  feelings: LabelScore[];
  topics: LabelScore[];
  sentiment: number | null;
  summary: Summary | null;
  empty_reason: EmptyReason | null;
  arc?: ArcPointView[] | null;
  certain?: boolean;
  claims?: Claim[] | null;
  title?: string | null;
  corrected?: InsightPart[];
}

/** One of the 28 GoEmotions labels and its probability (0..1). */
export interface EmotionScore {
  emotion: string;
  confidence: number;
}

/** One of the 18 feelings or 11 topics and its probability (0..1). */
export interface LabelScore {
  label: string;
  confidence: number;
}

/**
 * A summary of an entry.
 *
 * `quotes` are the sentences an extractive summary consists of, or those that support an abstractive one.
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

/** A sentence quoted from the entry, or a contiguous part of it, with its time and its emotions. */
export interface Quote {
  text: string;
  segment: number;
  start?: number | null;
  end?: number | null;
  emotions?: EmotionScore[];
  entry?: number | null;
}

/** Why a summary is extractive although an abstractive one was requested. */
export type FallbackReason = "changed_negation" | "invented_name" | "invented_number" | "invented_person" | "invented_words" | "not_installed" | "nothing_written" | "unsupported";

/** Why an insight is empty although no stage failed. */
export type EmptyReason = "no_speech" | "no_words" | "unsupported_language";

/**
 * The emotions of one segment. `start` and `end` are in seconds, and null for text entries.
 *
 * `corrected`: the user stated these emotions.
 */
export interface ArcPointView {
  segment: number;
  start: number | null;
  end: number | null;
  sentiment: number;
  emotions: EmotionScore[];
  corrected?: boolean;
}

/**
 * One thing that the insight says about the entry.
 *
 * `strength` is null unless it is an emotion of an entry whose first emotion is clear. `segments` are the
 * sentences that it rests on, in order; if there are none, it comes from the entry as a whole. What the user
 * stated has neither. The label of a mood is `positive`, `fairly positive`, `neutral`, `mixed`, `fairly
 * negative` or `negative`.
 */
export interface Claim {
  kind: ClaimKind;
  label: string;
  strength: Strength | null;
  segments: number[];
}

export type ClaimKind = "emotion" | "feeling" | "mood" | "topic";

/** How strongly an emotion shows. Clients show these words instead of numbers. */
export type Strength = "a little" | "somewhat" | "strongly";

/** A part of an entry's insight that can be corrected. */
export type InsightPart = "emotions" | "feelings" | "mood" | "title" | "topics";

/**
 * A user's feedback on one emotion of an entry or of one of its segments.
 *
 * Attributes:
 *     emotion: one of the 28 labels, whether it was detected or missed.
 *     correction: the right label, if the verdict is `correct`.
 *     revision: the revision of the entry that the feedback is about.
 */
export interface Feedback {
  emotion: string;
  verdict: FeedbackVerdict;
  correction?: string | null;
  segment?: number | null;
  revision: number;
  given_at: string;
}

/** A user's verdict on a detected emotion. */
export type FeedbackVerdict = "agree" | "correct" | "disagree";

/**
 * What was said or written, in segments.
 *
 * `differs_from_dictation`: it was made from the whole recording, and has other words than its user saw
 * while dictating.
 */
export interface TranscriptView {
  text: string;
  segments: Segment[];
  differs_from_dictation?: boolean;
}

/**
 * A sentence. Spoken ones have times in seconds; typed ones have none.
 *
 * Attributes:
 *     uncertain: why the words may be wrong, if they may.
 *     left_out: why the words are missing. Then `text` says so in brackets, such as "[another language]",
 *         and nothing else reads it: it is no sentence of the entry.
 *     language: its language (ISO 639-1, or "und") if that is one that no model reads yet. Its words are
 *         kept, shown and found by search.
 */
export interface Segment {
  text: string;
  start?: number | null;
  end?: number | null;
  confidence?: number | null;
  words?: Word[];
  uncertain?: Uncertainty | null;
  left_out?: LeftOut | null;
  language?: string | null;
}

/** One spoken word; `probability` (0..1) if the engine states one. */
export interface Word {
  text: string;
  start: number;
  end: number;
  probability?: number | null;
}

/** Why the words of a segment may not be what was said. */
export type Uncertainty = "cut_off" | "faint" | "unsure";

/** Why what was said in a segment is not in the transcript. */
export type LeftOut = "unclear" | "unsupported_language";

/**
 * A note for somebody whose entry sounds hopeless or speaks of self-harm.
 *
 * Unless `dismissed`, show it in place of the insight's emotions, feelings, topics, mood and arc; transcript
 * and summary stay. `country` is where `lines` and `emergency` are: the account's, or that of its or the
 * entry's time zone. If it is unknown or has no lines, it is null, and `directory` stands in for them.
 */
export interface SupportNote {
  text: string;
  country: string | null;
  emergency: string | null;
  lines: HelpLine[];
  directory: HelpDirectory;
  dismissed: boolean;
}

/**
 * A help line: at least one of `phone`, `text` and `chat` is there.
 *
 * `phone` is as people in the country write it, `text` says what to send where, `chat` is a page.
 * `languages` are ISO 639-1 codes, `source` is the page that names the line.
 */
export interface HelpLine {
  name: string;
  phone: string | null;
  text: string | null;
  chat: string | null;
  hours: string;
  languages: string[];
  source: string;
}

/** A page that lists help lines of many countries. */
export interface HelpDirectory {
  name: string;
  url: string;
}

/** A page of a filtered list. */
export interface Paging {
  from?: string | null;
  to?: string | null;
  emotion?: string | null;
  feeling?: string | null;
  topic?: string | null;
  limit?: number;
  cursor?: string | null;
}

/** A page of entries, newest recording first. Send `next_cursor` as `cursor` to get the next page. */
export interface EntryList {
  entries: EntryView[];
  next_cursor: string | null;
}

/** The new text of an entry, or whether its insight is shown in place of its support note. */
export interface EntryEdit {
  text?: string;
  support_dismissed?: boolean;
}

/** Feedback on a detected emotion. `correction` is the right one, if the verdict is `correct`. */
export interface NewFeedback {
  emotion: string;
  verdict: FeedbackVerdict;
  correction?: string | null;
  segment?: number | null;
}

/** The format of a transcript: JSON, plain text, SubRip or WebVTT. */
export interface Format {
  format?: "json" | "srt" | "txt" | "vtt";
}

/**
 * What was said or typed. `segments` are the sentences in `text`, in order, each a part of it.
 *
 * Between two segments is white space or, in typed text, what is no sentence: front matter, code, tables,
 * rules, lists of links, HTML tags.
 */
export interface Transcript {
  text: string;
  segments?: Segment[];
  language?: string | null;
  duration_s?: number | null;
  partial?: boolean;
  partial_reason?: PartialReason | null;
}

/**
 * The parts to correct; others stay as they are.
 *
 * A list has all labels of the entry, the most important first; an empty one says that there are none. A
 * null `title` or `mood` says that the entry has none. `mood` is from -1 (negative) to 1 (positive).
 * `revision` is the one that the corrections are about, by default the current one.
 */
export interface NewCorrections {
  emotions?: string[];
  feelings?: string[];
  topics?: string[];
  title?: string | null;
  mood?: number | null;
  segments?: SegmentEmotions[];
  revision?: number | null;
}

/** All emotions of one segment, the most important first; none if empty. */
export interface SegmentEmotions {
  segment: number;
  emotions: string[];
}

/** What to take back: a part of the entry, the emotions of a segment, or by default everything. */
export interface TakenBack {
  part?: InsightPart | null;
  segment?: number | null;
}

/** How to transcribe the recording. `engine`: by default the one that this deployment uses. */
export interface NewTranscription {
  engine?: "moonshine" | "whisper" | null;
}

/** A recording to be uploaded: exactly `size` bytes of this content type. */
export interface NewRecording {
  size: number;
  content_type: string;
  recorded_at?: string | null;
  timezone?: string | null;
}

/**
 * PUT the recording to `url` with these headers. The URL is a secret and accepts one recording.
 *
 * If it points to another host, it is a Cloud Storage resumable upload session: an interrupted upload can be
 * resumed.
 */
export interface UploadSession {
  entry: EntryView;
  url: string;
  headers: Record<string, string>;
  method?: string;
}

/**
 * A user's consent and preferences, with the deployment's defaults for what the user has not set.
 *
 * `share_corrections`: the operator may train models with the user's corrections and the texts that they are
 * about. `required_consent` is the version of the terms that must be accepted before entries can be created.
 */
export interface AccountView {
  consent_version: string | null;
  consented_at: string | null;
  required_consent: string | null;
  timezone: string | null;
  language: string | null;
  country: string | null;
  audio_retention: "days" | "kept" | "until_transcribed";
  audio_retention_days: number;
  retention_days: number | null;
  share_corrections?: boolean;
}

/**
 * The fields to change; null restores the default.
 *
 * `consent_version` is of the terms that the user accepts. `country` is ISO 3166-1 alpha-2, for help lines;
 * by default, that of the time zone. `share_corrections` lets the operator use the user's corrections, and
 * the texts that they are about, to train models.
 */
export interface AccountChanges {
  consent_version?: string | null;
  timezone?: string | null;
  language?: string | null;
  country?: string | null;
  audio_retention?: "days" | "kept" | "until_transcribed" | null;
  audio_retention_days?: number | null;
  retention_days?: number | null;
  share_corrections?: boolean | null;
}

/** The account is deleted: all further calls are rejected, and its data is being removed. */
export interface DeletionReceipt {
  state?: "deleting";
}

/** A new API key. It is valid for `days`, or until it is revoked. */
export interface NewKey {
  name: string;
  scopes: Scope[];
  days?: number | null;
}

/** A permission of a caller. */
export type Scope = "account" | "admin" | "analyze" | "entries:delete" | "entries:export" | "entries:read" | "entries:write";

/** A key and its secret, which is shown only once. Send it as `Authorization: Bearer …`. */
export interface KeySecret {
  key: KeyView;
  secret: string;
}

/** An API key without its secret. `last_used_at` is accurate to ten minutes. */
export interface KeyView {
  id: string;
  name: string;
  scopes: Scope[];
  created_at: string;
  ends_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** A user's API keys, newest first. */
export interface KeyList {
  keys: KeyView[];
}

/** How long the previous secret stays valid, so that servers can switch without downtime. */
export interface Rotation {
  grace_hours?: number;
}

/** A personal dictionary, in the order in which names were added, and suggestions, the newest first. */
export interface NameList {
  names: string[];
  suggestions: SuggestedName[];
  max_names?: number;
  max_characters?: number;
}

/** A name that you wrote in place of what was heard. It has no effect until you add it. */
export interface SuggestedName {
  name: string;
  heard: string;
}

/** Names to remove, to add, and suggestions to decline, in this order. Case does not tell names apart. */
export interface NameChanges {
  add?: string[];
  remove?: string[];
  decline?: string[];
}

/** A search. `q` is free text; the other parameters are those of lists. */
export interface Search {
  from?: string | null;
  to?: string | null;
  emotion?: string | null;
  feeling?: string | null;
  topic?: string | null;
  q: string;
  limit?: number;
}

/** Entries that have the query's words first, newest first; then by similarity, which `model` computed. */
export interface SearchResults {
  results: SearchResult[];
  model: string;
}

/**
 * A matching entry, and the sentence that matches best.
 *
 * `match` says whether the entry has the words of the query (then `score` is 1) or means something similar
 * (then `score` is the similarity, 0..1).
 */
export interface SearchResult {
  entry: EntryView;
  score: number;
  passage: string;
  match?: Match;
}

/** How an entry matches a search. */
export type Match = "meaning" | "words";

/** How many entries to return. */
export interface SimilarQuery {
  limit?: number;
}

/** An account in numbers. `entries` includes tombstones and is counted up to 10,000. */
export interface AccountSummary {
  state: "deleted" | "standing";
  entries: number;
  keys: number;
  open_jobs: number;
  consent_version: string | null;
}

/** How many keys were revoked. */
export interface RevokedKeys {
  revoked: number;
}

/** A job. `done` of `total` parts are finished; `result` is the path of a finished job's result. */
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

/** The recordings, in the order they were sent. */
export interface BatchResult {
  recordings: TranscribedRecording[];
}

/** One recording of a batch: its transcript, or why there is none. */
export interface TranscribedRecording {
  name: string;
  text: string | null;
  segments: Segment[];
  language: string | null;
  duration_s: number | null;
  empty_reason: EmptyReason | null;
  error: StageError | null;
}

/** The URL of a WebSocket. */
export interface DictationAddress {
  url: string;
}

/** A transcript. If it is empty, `empty_reason` says why; so does `partial_reason` if it is `partial`. */
export interface TranscribeResponse {
  text: string;
  segments: Segment[];
  language: string | null;
  duration_s: number | null;
  partial: boolean;
  engine: string;
  empty_reason: EmptyReason | null;
  partial_reason?: PartialReason | null;
}

export interface PredictRequest {
  text: string;
}

/** A prediction and its inference time, such as `4.1ms`. */
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

/** One prediction per text, in order. */
export interface BatchResponse {
  results: Prediction[];
  inference_time: string;
}

/**
 * The labels of a text that are above their thresholds, highest score first; sentiment in -1..1.
 *
 * If the text cannot be understood, `empty_reason` says why and everything else is empty.
 */
export interface Prediction {
  emotions: EmotionScore[];
  feelings: LabelScore[];
  topics: LabelScore[];
  sentiment: number | null;
  empty_reason?: EmptyReason | null;
}

/**
 * Either `text` or `segments`, and the maximum number of sentences in the summary.
 *
 * The style `extract` quotes sentences of the text. `abstract` writes new ones; it falls back to `extract`,
 * and says so in `fallback_reason`, if no model is installed or the text does not support what it wrote.
 */
export interface SummarizeRequest {
  text?: string | null;
  segments?: Segment[] | null;
  max_sentences?: number;
  style?: Style;
}

/** A summary. If the text cannot be understood, `summary` is null and `empty_reason` says why. */
export interface SummarizeResponse {
  summary: Summary | null;
  empty_reason?: EmptyReason | null;
}

/** A text entry. `recorded_at` without a time zone is read as UTC; `timezone` is an IANA name. */
export interface NewEntry {
  text: string;
  recorded_at?: string | null;
  timezone?: string | null;
}
