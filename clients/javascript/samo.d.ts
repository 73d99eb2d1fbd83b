/** SAMO for browsers and Node. What is sent and answered is typed in schema.d.ts, from the OpenAPI document. */

import type {
  AccountSummary,
  AccountView,
  BatchResponse,
  BatchResult,
  DeletionReceipt,
  DictationAddress,
  EntryView,
  Format,
  JobView,
  KeySecret,
  KeyView,
  NewEntry,
  NewFeedback,
  NewKey,
  NewRecording,
  Paging,
  PredictResponse,
  RevokedKeys,
  Rotation,
  Search,
  SearchResults,
  SummarizeRequest,
  SummarizeResponse,
  TranscribeResponse,
  Transcript,
  UploadSession,
  AccountChanges,
} from "./schema.js";

export type * from "./schema.js";

/** Hears how many bytes of how many are sent or fetched. fetch itself tells of whole requests only. */
export type Progress = (sent: number, total: number) => void;
export type Recording = Blob | ArrayBuffer | Uint8Array;
/** `from` is included, `to` is not. */
export interface Span {
  from?: string | Date | null;
  to?: string | Date | null;
}

export interface Cancellable {
  signal?: AbortSignal;
}

export interface Options {
  /** An ID token or an API key, or what is called before every request to give one. */
  token?: string | null | (() => string | Promise<string>);
  /** How often to try in all, the first pause at most, and the longest one (seconds). */
  retries?: { attempts?: number; baseS?: number; mostS?: number };
  /** For how many seconds to wait for an answer. */
  timeoutS?: number;
}

export interface Making extends Cancellable {
  recorded_at?: string | Date;
  timezone?: NewEntry["timezone"];
  /** For how many seconds to wait for the insight; after that the entry comes as it stands. */
  wait?: number;
  /** Requests with the same key make one entry; a new key where not given. */
  idempotencyKey?: string;
}

export interface Entries {
  create(entry: Making & { text: NewEntry["text"] }): Promise<EntryView>;
  /** Large recordings go through an upload session. */
  create(
    entry: Making & { audio: Recording; content_type?: NewRecording["content_type"]; progress?: Progress },
  ): Promise<EntryView>;
  list(options?: Omit<Paging, "cursor" | keyof Span> & Span & Cancellable): AsyncGenerator<EntryView>;
  get(id: string, options?: Cancellable): Promise<EntryView>;
  follow(id: string, options?: Cancellable): AsyncGenerator<EntryView>;
  wait(id: string, options?: { timeoutS?: number } & Cancellable): Promise<EntryView>;
  edit(id: string, text: string): Promise<EntryView>;
  delete(id: string): Promise<void>;
  feedback(id: string, said: NewFeedback): Promise<EntryView>;
  transcript(id: string, format?: "json"): Promise<Transcript>;
  transcript(id: string, format: Exclude<Format["format"], "json" | undefined>): Promise<string>;
  audio(id: string): Promise<Blob>;
  similar(id: string, options?: { limit?: number }): Promise<SearchResults>;
}

export interface Uploads {
  open(recording: NewRecording, options?: { idempotencyKey?: string }): Promise<UploadSession>;
  send(
    session: UploadSession,
    audio: Recording,
    options?: { progress?: Progress } & Cancellable,
  ): Promise<EntryView | null>;
}

export interface Account {
  get(): Promise<AccountView>;
  update(wishes: AccountChanges): Promise<AccountView>;
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
  wait(id: string, options?: { timeoutS?: number } & Cancellable): Promise<JobView>;
  result(id: string): Promise<BatchResult>;
}

export interface Exports {
  create(): Promise<JobView>;
  download(
    options?: { jobId?: string; progress?: Progress; timeoutS?: number } & Cancellable,
  ): Promise<Blob>;
}

export interface Dictation {
  address(): Promise<DictationAddress>;
}

/** What operators may do, and see of others. */
export interface Admin {
  get(uid: string): Promise<AccountSummary>;
  delete(uid: string): Promise<DeletionReceipt>;
  revokeKeys(uid: string): Promise<RevokedKeys>;
}

export class Samo {
  constructor(address?: string, options?: Options);
  readonly entries: Entries;
  readonly uploads: Uploads;
  readonly account: Account;
  readonly keys: Keys;
  readonly jobs: Jobs;
  readonly exports: Exports;
  readonly dictation: Dictation;
  readonly admin: Admin;
  search(q: string, filters?: Omit<Search, "q" | keyof Span> & Span): Promise<SearchResults>;
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

/** SAMO refused (RFC 9457 problem details), or no answer came. */
export class SamoError extends Error {
  /** Stable, such as `entry_not_found`; meant for programs. */
  readonly code: string;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  readonly detail: string;
  readonly requestId: string;
  /** After how many seconds to try again, if the server said so. */
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

/** Whether nothing changes by itself any more. */
export function isFinal(entry: EntryView): boolean;

/** Every operation by the name of the method that asks for it. */
export const OPERATIONS: Record<string, { method: string; path: string; repeatable: boolean; done?: string }>;
