/** SAMO for browsers and Node. Requests and responses are typed in schema.d.ts, from the OpenAPI document. */

import type {
  AccountChanges,
  AccountSummary,
  AccountView,
  BatchResponse,
  BatchResult,
  DeletionReceipt,
  DictationAddress,
  EmotionScore,
  EntryList,
  EntryView,
  Format,
  JobView,
  KeySecret,
  KeyView,
  NameChanges,
  NameList,
  NewCorrections,
  NewEntry,
  NewFeedback,
  NewKey,
  NewRecording,
  NewTranscription,
  Paging,
  PredictResponse,
  RevokedKeys,
  Rotation,
  Search,
  SearchResults,
  Segment,
  SummarizeRequest,
  SummarizeResponse,
  TakenBack,
  TranscribeResponse,
  Transcript,
  UploadSession,
} from "./schema.js";

export type * from "./schema.js";

/**
 * Called with the bytes transferred so far and the total. Only browsers, which have XMLHttpRequest, report progress
 * within a single upload request.
 */
export type Progress = (done: number, total: number) => void;
export type Recording = Blob | ArrayBuffer | Uint8Array;

export interface Cancellable {
  signal?: AbortSignal;
}

/** `from` is inclusive, `to` exclusive. */
export interface Span {
  from?: string | Date | null;
  to?: string | Date | null;
}
export type ListOptions = Omit<Paging, "cursor" | keyof Span> & Span & Cancellable;
export type SearchOptions = Omit<Search, "q" | keyof Span> & Span & Cancellable;

/**
 * An ID token or an API key, or a function called for one before every request. After a 401 it is called once more,
 * with `renew: true`.
 */
export type Token = string | null | ((context: { renew: boolean }) => string | null | Promise<string | null>);

export interface Options {
  token?: Token;
  /** Total number of attempts, and upper bounds of the first pause and of every pause (seconds). */
  retries?: { attempts?: number; baseS?: number; mostS?: number };
  /** Seconds to wait for a response. */
  timeoutS?: number;
  /** For dictation in environments without a global WebSocket (Node 20). */
  WebSocket?: typeof globalThis.WebSocket;
}

export interface EntryOptions extends Cancellable {
  recorded_at?: string | Date;
  timezone?: NewEntry["timezone"];
  /** Seconds to wait for the insight; after that the entry is returned unfinished. */
  wait?: number;
  /** Requests with the same key create one entry; a new key by default. */
  idempotencyKey?: string;
}

export interface AudioEntryOptions extends EntryOptions {
  content_type?: NewRecording["content_type"];
  progress?: Progress;
  /** Called with the upload session that a large recording goes through. */
  onSession?: (session: UploadSession) => void;
}

export interface Entries {
  create(entry: EntryOptions & { text: NewEntry["text"] }): Promise<EntryView>;
  /**
   * Large recordings go through an upload session. Called again with the same `idempotencyKey` after a failure, it
   * resumes the upload.
   */
  create(entry: AudioEntryOptions & { audio: Recording }): Promise<EntryView>;
  list(options?: ListOptions): AsyncGenerator<EntryView>;
  page(options?: ListOptions & Pick<Paging, "cursor">): Promise<EntryList>;
  get(id: string, options?: Cancellable): Promise<EntryView>;
  follow(id: string, options?: Cancellable): AsyncGenerator<EntryView, void>;
  wait(id: string, options?: { timeoutS?: number } & Cancellable): Promise<EntryView>;
  edit(id: string, text: string): Promise<EntryView>;
  /** Show the insight in place of the entry's support note; with false, the note again. */
  dismissSupport(id: string, dismissed?: boolean): Promise<EntryView>;
  /** Transcribe the recording again, where words are missing. */
  transcribe(id: string, options?: NewTranscription): Promise<EntryView>;
  delete(id: string): Promise<void>;
  feedback(id: string, feedback: NewFeedback): Promise<EntryView>;
  transcript(id: string, format?: "json"): Promise<Transcript>;
  transcript(id: string, format: Exclude<Format["format"], "json" | undefined>): Promise<string>;
  audio(id: string, options?: Cancellable): Promise<Blob>;
  similar(id: string, options?: { limit?: number }): Promise<SearchResults>;
}

export interface Corrections {
  set(id: string, corrections: NewCorrections): Promise<EntryView>;
  takeBack(id: string, what?: Partial<TakenBack>): Promise<EntryView>;
}

export interface Uploads {
  open(recording: NewRecording, options?: { idempotencyKey?: string }): Promise<UploadSession>;
  /** `resume`: first ask how much of the recording has arrived. */
  send(
    session: UploadSession,
    audio: Recording,
    options?: { resume?: boolean; progress?: Progress } & Cancellable,
  ): Promise<EntryView | null>;
}

export interface Account {
  get(): Promise<AccountView>;
  update(changes: AccountChanges): Promise<AccountView>;
  delete(): Promise<DeletionReceipt>;
}

export interface Keys {
  create(name: NewKey["name"], scopes: NewKey["scopes"], options?: Pick<NewKey, "days">): Promise<KeySecret>;
  list(): Promise<KeyView[]>;
  rotate(id: string, options?: Rotation): Promise<KeySecret>;
  revoke(id: string): Promise<void>;
}

export interface Jobs {
  list(): Promise<JobView[]>;
  get(id: string, options?: Cancellable): Promise<JobView>;
  cancel(id: string): Promise<JobView>;
  follow(id: string, options?: { timeoutS?: number } & Cancellable): AsyncGenerator<JobView, void>;
  wait(id: string, options?: { timeoutS?: number } & Cancellable): Promise<JobView>;
  result(id: string): Promise<BatchResult>;
}

/** The personal dictionary: names that transcription expects. */
export interface Names {
  get(): Promise<NameList>;
  change(changes: NameChanges): Promise<NameList>;
}

export interface Exports {
  create(): Promise<JobView>;
  download(options?: { jobId?: string; progress?: Progress; timeoutS?: number } & Cancellable): Promise<File>;
}

export interface DictationOptions {
  /** Samples per second: 8000, 16000, 22050, 24000, 32000, 44100 or 48000. */
  rate: number;
  /** 1 or 2. */
  channels?: number;
  timezone?: string | null;
  /** The WebSocket's address; by default, SAMO is asked for it. */
  url?: string;
}

/** Interim transcript of the current phrase; the next partial, final or unheard replaces it. */
export interface DictationPartial {
  type: "partial";
  text: string;
  start: number;
}
/** A final sentence and its emotions, most confident first. */
export interface DictationFinal {
  type: "final";
  index: number;
  segment: Segment;
  emotions: EmotionScore[];
}
/** A phrase without a transcript: `no_speech`, `no_words`, `unsupported_language` or `failed`. */
export interface DictationUnheard {
  type: "unheard";
  index: number;
  start: number;
  end: number;
  reason: string;
}
/** The dictation has ended. `entry_id` is null if there was no audio; `reason` is `stopped`, or why it ended early. */
export interface DictationEnded {
  type: "ended";
  duration_s: number;
  entry_id: string | null;
  reason: string;
}
export type DictationEvent = DictationPartial | DictationFinal | DictationUnheard | DictationEnded;

/** A dictation in progress. Reconnects and resumes by itself; iterating over it throws SamoError if it fails. */
export interface DictationSession extends AsyncIterable<DictationEvent> {
  /** 16-bit little-endian samples, channels interleaved. */
  send(samples: ArrayBuffer | Uint8Array | Int16Array): void;
  /** End the audio. Resolves once the entry exists. */
  stop(): Promise<DictationEnded>;
  /** Discard the dictation. Resolves to the id of an entry that was created anyway, or to null. */
  discard(): Promise<string | null>;
  /** Drop the connection. */
  close(reason?: unknown): void;
}

export interface Dictation {
  address(): Promise<DictationAddress>;
  start(options: DictationOptions): DictationSession;
}

/** Other accounts, for operators. */
export interface Admin {
  get(uid: string): Promise<AccountSummary>;
  delete(uid: string): Promise<DeletionReceipt>;
  revokeKeys(uid: string): Promise<RevokedKeys>;
}

export class Samo {
  constructor(address?: string, options?: Options);
  readonly entries: Entries;
  readonly uploads: Uploads;
  readonly corrections: Corrections;
  readonly account: Account;
  readonly names: Names;
  readonly keys: Keys;
  readonly jobs: Jobs;
  readonly exports: Exports;
  readonly dictation: Dictation;
  readonly admin: Admin;
  search(q: string, options?: SearchOptions): Promise<SearchResults>;
  /** Ends after `ended`; throws SamoError. Leaving the loop drops the connection. */
  dictate(
    audio: AsyncIterable<ArrayBuffer | Uint8Array | Int16Array>,
    options: DictationOptions,
  ): AsyncGenerator<DictationEvent, void>;
  predict(text: string): Promise<PredictResponse>;
  predictBatch(texts: string[]): Promise<BatchResponse>;
  summarize(text?: string, options?: Omit<SummarizeRequest, "text">): Promise<SummarizeResponse>;
  transcribe(audio: Recording, options?: { format?: "json"; content_type?: string }): Promise<TranscribeResponse>;
  transcribe(
    audio: Recording,
    options: { format: Exclude<Format["format"], "json" | undefined>; content_type?: string },
  ): Promise<string>;
  transcribeBatch(files: Recording[]): Promise<JobView>;
}

/** SAMO rejected a request (RFC 9457 problem details), or no response arrived. */
export class SamoError extends Error {
  constructor(detail: string, about: { code: string; status?: number; requestId?: string; retryAfter?: number | null });
  /** Stable, machine-readable identifier, such as `entry_not_found`. */
  readonly code: string;
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  readonly detail: string;
  readonly requestId: string;
  /** Seconds to wait before retrying, if the server sent them. */
  readonly retryAfter: number | null;
}
export class InvalidRequest extends SamoError {}
export class Unauthenticated extends InvalidRequest {}
export class Forbidden extends InvalidRequest {}
export class NotFound extends InvalidRequest {}
export class Conflict extends InvalidRequest {}
export class RateLimited extends InvalidRequest {}
export class ServerError extends SamoError {}
export class Unavailable extends ServerError {}
export class Unreachable extends SamoError {}

/** Whether processing of the entry has finished. */
export function isFinal(entry: EntryView): boolean;

/** The API operations, by client method. */
export const OPERATIONS: Record<string, { method: string; path: string; repeatable: boolean; done?: string }>;
