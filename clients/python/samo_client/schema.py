"""Response types. Generated from the OpenAPI document by `python -m clients.generate`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from samo_client.open_enum import OpenEnum

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Ignores unknown fields, so that responses of newer versions can be decoded."""


class Source(OpenEnum):
    TEXT = "text"
    VOICE = "voice"


class Status(OpenEnum):
    AWAITING_AUDIO = "awaiting_audio"
    FAILED = "failed"
    PARTIAL = "partial"
    PROCESSING = "processing"
    READY = "ready"


class PartialReason(OpenEnum):
    """Why not all of a recording could be heard."""

    ENDS_EARLY = "ends_early"
    UNREADABLE_PART = "unreadable_part"


class Stage(OpenEnum):
    EMOTION = "emotion"
    SUMMARIZATION = "summarization"
    TRANSCRIPTION = "transcription"


class StageState(OpenEnum):
    DONE = "done"
    FAILED = "failed"
    PENDING = "pending"
    RUNNING = "running"
    SKIPPED = "skipped"


class Style(OpenEnum):
    """How a summary is made."""

    ABSTRACT = "abstract"
    EXTRACT = "extract"


class FallbackReason(OpenEnum):
    """Why a summary is extractive although an abstractive one was requested."""

    CHANGED_NEGATION = "changed_negation"
    INVENTED_NAME = "invented_name"
    INVENTED_NUMBER = "invented_number"
    INVENTED_PERSON = "invented_person"
    INVENTED_WORDS = "invented_words"
    NOT_INSTALLED = "not_installed"
    NOTHING_WRITTEN = "nothing_written"
    UNSUPPORTED = "unsupported"


class EmptyReason(OpenEnum):
    """Why an insight is empty although no stage failed."""

    NO_SPEECH = "no_speech"
    NO_WORDS = "no_words"
    UNSUPPORTED_LANGUAGE = "unsupported_language"


class ClaimKind(OpenEnum):
    EMOTION = "emotion"
    FEELING = "feeling"
    MOOD = "mood"
    TOPIC = "topic"


class Strength(OpenEnum):
    """How strongly an emotion shows. Clients show these words instead of numbers."""

    A_LITTLE = "a little"
    SOMEWHAT = "somewhat"
    STRONGLY = "strongly"


class InsightPart(OpenEnum):
    """A part of an entry's insight that can be corrected."""

    EMOTIONS = "emotions"
    FEELINGS = "feelings"
    MOOD = "mood"
    TITLE = "title"
    TOPICS = "topics"


class FeedbackVerdict(OpenEnum):
    """A user's verdict on a detected emotion."""

    AGREE = "agree"
    CORRECT = "correct"
    DISAGREE = "disagree"


class Uncertainty(OpenEnum):
    """Why the words of a segment may not be what was said."""

    CUT_OFF = "cut_off"
    FAINT = "faint"
    UNSURE = "unsure"


class LeftOut(OpenEnum):
    """Why what was said in a segment is not in the transcript."""

    UNCLEAR = "unclear"
    UNSUPPORTED_LANGUAGE = "unsupported_language"


class Scope(OpenEnum):
    """A permission of a caller."""

    ACCOUNT = "account"
    ADMIN = "admin"
    ANALYZE = "analyze"
    ENTRIES_DELETE = "entries:delete"
    ENTRIES_EXPORT = "entries:export"
    ENTRIES_READ = "entries:read"
    ENTRIES_WRITE = "entries:write"


class Match(OpenEnum):
    """How an entry matches a search."""

    MEANING = "meaning"
    WORDS = "words"


class JobKind(OpenEnum):
    EXPORT = "export"
    TRANSCRIPTION = "transcription"


class JobState(OpenEnum):
    CANCELLED = "cancelled"
    DONE = "done"
    FAILED = "failed"
    QUEUED = "queued"
    RUNNING = "running"


class AccountAudioRetention(OpenEnum):
    DAYS = "days"
    KEPT = "kept"
    UNTIL_TRANSCRIBED = "until_transcribed"


class AccountSummaryState(OpenEnum):
    DELETED = "deleted"
    STANDING = "standing"


class Problem(Struct, frozen=True, kw_only=True):
    """RFC 9457 problem details. `code` is stable and meant for programs."""

    title: str
    status: int
    code: str
    detail: str = ""
    type: str = "about:blank"
    request_id: str = ""


class EntryView(Struct, frozen=True, kw_only=True):
    """An entry. `transcript` and the insight's `arc` and `claims` are null in lists, and until they exist.

    If there is `support`, show it in place of the insight's scores and chart, unless it was dismissed.
    `opening` are the first words of an entry without a summary whose `language` is not analyzed.
    """

    id: str
    source: Source
    status: Status
    revision: int
    created_at: Moment
    recorded_at: Moment
    updated_at: Moment
    timezone: str | None
    language: str | None
    audio: AudioView | None
    stages: tuple[StageView, ...]
    insight: InsightView
    feedback: tuple[Feedback, ...]
    transcript: TranscriptView | None = None
    support: SupportNote | None = None
    opening: str | None = None


class AudioView(Struct, frozen=True, kw_only=True):
    """The recording. `url` is null once it is deleted.

    `partial`: not all of it could be heard; `partial_reason`: why, if that is known.
    """

    content_type: str
    size: int
    duration_s: float | None
    partial: bool
    url: str | None
    delete_after: Moment | None
    partial_reason: PartialReason | None = None


class StageView(Struct, frozen=True, kw_only=True):
    """The state of one stage. `progress` is a fraction (0..1), or null if unknown."""

    stage: Stage
    state: StageState
    progress: float | None = None
    engine: str | None = None
    model_version: str | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None
    error: StageError | None = None


class StageError(Struct, frozen=True, kw_only=True):
    """Why a stage failed: a stable code, and a message that clients may show."""

    code: str
    message: str


class InsightView(Struct, frozen=True, kw_only=True):
    """Emotions, topics and summary of an entry. If they are empty, `empty_reason` says why.

    The first emotion leads, unless it is hard to tell: then `certain` is false. `claims` are what to show, in
    words, each with the sentences it rests on. What the user corrected replaces what the models found;
    `corrected` names these parts. Labels that the user stated have the confidence 1, most important first.
    """

    emotions: tuple[EmotionScore, ...]
    feelings: tuple[LabelScore, ...]
    topics: tuple[LabelScore, ...]
    sentiment: float | None
    summary: Summary | None
    empty_reason: EmptyReason | None
    arc: tuple[ArcPointView, ...] | None = None
    certain: bool = True
    claims: tuple[Claim, ...] | None = None
    title: str | None = None
    corrected: tuple[InsightPart, ...] = ()


class EmotionScore(Struct, frozen=True, kw_only=True):
    """One of the 28 GoEmotions labels and its probability (0..1)."""

    emotion: str
    confidence: float


class LabelScore(Struct, frozen=True, kw_only=True):
    """One of the 18 feelings or 11 topics and its probability (0..1)."""

    label: str
    confidence: float


class Summary(Struct, frozen=True, kw_only=True):
    """A summary of an entry.

    `quotes` are the sentences an extractive summary consists of, or those that support an abstractive one.
    """

    text: str
    engine: str
    style: Style = Style("extract")
    title: str | None = None
    quotes: tuple[Quote, ...] = ()
    fallback_reason: FallbackReason | None = None


class Quote(Struct, frozen=True, kw_only=True):
    """A sentence quoted from the entry, or a contiguous part of it, with its time and its emotions."""

    text: str
    segment: int
    start: float | None = None
    end: float | None = None
    emotions: tuple[EmotionScore, ...] = ()
    entry: int | None = None


class ArcPointView(Struct, frozen=True, kw_only=True):
    """The emotions of one segment. `start` and `end` are in seconds, and null for text entries.

    `corrected`: the user stated these emotions.
    """

    segment: int
    start: float | None
    end: float | None
    sentiment: float
    emotions: tuple[EmotionScore, ...]
    corrected: bool = False


class Claim(Struct, frozen=True, kw_only=True):
    """One thing that the insight says about the entry.

    `strength` is null unless it is an emotion of an entry whose first emotion is clear. `segments` are the
    sentences that it rests on, in order; if there are none, it comes from the entry as a whole. What the user
    stated has neither. The label of a mood is `positive`, `fairly positive`, `neutral`, `mixed`, `fairly
    negative` or `negative`.
    """

    kind: ClaimKind
    label: str
    strength: Strength | None
    segments: tuple[int, ...]


class Feedback(Struct, frozen=True, kw_only=True):
    """A user's feedback on one emotion of an entry or of one of its segments.

    Attributes:
        emotion: one of the 28 labels, whether it was detected or missed.
        correction: the right label, if the verdict is `correct`.
        revision: the revision of the entry that the feedback is about.
    """

    emotion: str
    verdict: FeedbackVerdict
    correction: str | None = None
    segment: int | None = None
    revision: int
    given_at: Moment


class TranscriptView(Struct, frozen=True, kw_only=True):
    """What was said or written, in segments.

    `differs_from_dictation`: it was made from the whole recording, and has other words than its user saw
    while dictating.
    """

    text: str
    segments: tuple[Segment, ...]
    differs_from_dictation: bool = False


class Segment(Struct, frozen=True, kw_only=True):
    """A sentence. Spoken ones have times in seconds; typed ones have none.

    Attributes:
        uncertain: why the words may be wrong, if they may.
        left_out: why the words are missing. Then `text` says so in brackets, such as "[another language]",
            and nothing else reads it: it is no sentence of the entry.
        language: its language (ISO 639-1, or "und") if that is one that no model reads yet. Its words are
            kept, shown and found by search.
    """

    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    uncertain: Uncertainty | None = None
    left_out: LeftOut | None = None
    language: str | None = None


class Word(Struct, frozen=True, kw_only=True):
    """One spoken word; `probability` (0..1) if the engine states one."""

    text: str
    start: float
    end: float
    probability: float | None = None


class SupportNote(Struct, frozen=True, kw_only=True):
    """A note for somebody whose entry sounds hopeless or speaks of self-harm.

    Unless `dismissed`, show it in place of the insight's emotions, feelings, topics, mood and arc; transcript
    and summary stay. `country` is where `lines` and `emergency` are: the account's, or that of its or the
    entry's time zone. If it is unknown or has no lines, it is null, and `directory` stands in for them.
    """

    text: str
    country: str | None
    emergency: str | None
    lines: tuple[HelpLine, ...]
    directory: HelpDirectory
    dismissed: bool


class HelpLine(Struct, frozen=True, kw_only=True):
    """A help line: at least one of `phone`, `text` and `chat` is there.

    `phone` is as people in the country write it, `text` says what to send where, `chat` is a page.
    `languages` are ISO 639-1 codes, `source` is the page that names the line.
    """

    name: str
    phone: str | None
    text: str | None
    chat: str | None
    hours: str
    languages: tuple[str, ...]
    source: str


class HelpDirectory(Struct, frozen=True, kw_only=True):
    """A page that lists help lines of many countries."""

    name: str
    url: str


class EntryList(Struct, frozen=True, kw_only=True):
    """A page of entries, newest recording first. Send `next_cursor` as `cursor` to get the next page."""

    entries: tuple[EntryView, ...]
    next_cursor: str | None


class Transcript(Struct, frozen=True, kw_only=True):
    """What was said or typed. `segments` are the sentences in `text`, in order, each a part of it.

    Between two segments is white space or, in typed text, what is no sentence: front matter, code, tables,
    rules, lists of links, HTML tags.
    """

    text: str
    segments: tuple[Segment, ...] = ()
    language: str | None = None
    duration_s: float | None = None
    partial: bool = False
    partial_reason: PartialReason | None = None


class UploadSession(Struct, frozen=True, kw_only=True):
    """PUT the recording to `url` with these headers. The URL is a secret and accepts one recording.

    If it points to another host, it is a Cloud Storage resumable upload session: an interrupted upload can be
    resumed.
    """

    entry: EntryView
    url: str
    headers: dict[str, str]
    method: str = "PUT"


class AccountView(Struct, frozen=True, kw_only=True):
    """A user's consent and preferences, with the deployment's defaults for what the user has not set.

    `share_corrections`: the operator may train models with the user's corrections and the texts that they are
    about. `required_consent` is the version of the terms that must be accepted before entries can be created.
    """

    consent_version: str | None
    consented_at: Moment | None
    required_consent: str | None
    timezone: str | None
    language: str | None
    country: str | None
    audio_retention: AccountAudioRetention
    audio_retention_days: int
    retention_days: int | None
    share_corrections: bool = False


class DeletionReceipt(Struct, frozen=True, kw_only=True):
    """The account is deleted: all further calls are rejected, and its data is being removed."""

    state: Literal["deleting"] = "deleting"


class KeySecret(Struct, frozen=True, kw_only=True):
    """A key and its secret, which is shown only once. Send it as `Authorization: Bearer …`."""

    key: KeyView
    secret: str


class KeyView(Struct, frozen=True, kw_only=True):
    """An API key without its secret. `last_used_at` is accurate to ten minutes."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: Moment
    ends_at: Moment | None
    last_used_at: Moment | None
    revoked_at: Moment | None


class KeyList(Struct, frozen=True, kw_only=True):
    """A user's API keys, newest first."""

    keys: tuple[KeyView, ...]


class NameList(Struct, frozen=True, kw_only=True):
    """A personal dictionary, in the order in which names were added, and suggestions, the newest first."""

    names: tuple[str, ...]
    suggestions: tuple[SuggestedName, ...]
    max_names: int = 200
    max_characters: int = 40


class SuggestedName(Struct, frozen=True, kw_only=True):
    """A name that you wrote in place of what was heard. It has no effect until you add it."""

    name: str
    heard: str


class SearchResults(Struct, frozen=True, kw_only=True):
    """Entries that have the query's words first, newest first; then by similarity, which `model` computed."""

    results: tuple[SearchResult, ...]
    model: str


class SearchResult(Struct, frozen=True, kw_only=True):
    """A matching entry, and the sentence that matches best.

    `match` says whether the entry has the words of the query (then `score` is 1) or means something similar
    (then `score` is the similarity, 0..1).
    """

    entry: EntryView
    score: float
    passage: str
    match: Match = Match("meaning")


class AccountSummary(Struct, frozen=True, kw_only=True):
    """An account in numbers. `entries` includes tombstones and is counted up to 10,000."""

    state: AccountSummaryState
    entries: int
    keys: int
    open_jobs: int
    consent_version: str | None


class RevokedKeys(Struct, frozen=True, kw_only=True):
    """How many keys were revoked."""

    revoked: int


class JobView(Struct, frozen=True, kw_only=True):
    """A job. `done` of `total` parts are finished; `result` is the path of a finished job's result."""

    id: str
    kind: JobKind
    state: JobState
    created_at: Moment
    updated_at: Moment
    finished_at: Moment | None
    done: int
    total: int | None
    code: str | None
    result: str | None
    expires_at: Moment | None


class JobList(Struct, frozen=True, kw_only=True):
    jobs: tuple[JobView, ...]


class BatchResult(Struct, frozen=True, kw_only=True):
    """The recordings, in the order they were sent."""

    recordings: tuple[TranscribedRecording, ...]


class TranscribedRecording(Struct, frozen=True, kw_only=True):
    """One recording of a batch: its transcript, or why there is none."""

    name: str
    text: str | None
    segments: tuple[Segment, ...]
    language: str | None
    duration_s: float | None
    empty_reason: EmptyReason | None
    error: StageError | None


class DictationAddress(Struct, frozen=True, kw_only=True):
    """The URL of a WebSocket."""

    url: str


class TranscribeResponse(Struct, frozen=True, kw_only=True):
    """A transcript. If it is empty, `empty_reason` says why; so does `partial_reason` if it is `partial`."""

    text: str
    segments: tuple[Segment, ...]
    language: str | None
    duration_s: float | None
    partial: bool
    engine: str
    empty_reason: EmptyReason | None
    partial_reason: PartialReason | None = None


class PredictResponse(Struct, frozen=True, kw_only=True):
    """A prediction and its inference time, such as `4.1ms`."""

    emotions: tuple[EmotionScore, ...]
    feelings: tuple[LabelScore, ...]
    topics: tuple[LabelScore, ...]
    sentiment: float | None
    empty_reason: EmptyReason | None = None
    inference_time: str


class BatchResponse(Struct, frozen=True, kw_only=True):
    """One prediction per text, in order."""

    results: tuple[Prediction, ...]
    inference_time: str


class Prediction(Struct, frozen=True, kw_only=True):
    """The labels of a text that are above their thresholds, highest score first; sentiment in -1..1.

    If the text cannot be understood, `empty_reason` says why and everything else is empty.
    """

    emotions: tuple[EmotionScore, ...]
    feelings: tuple[LabelScore, ...]
    topics: tuple[LabelScore, ...]
    sentiment: float | None
    empty_reason: EmptyReason | None = None


class SummarizeResponse(Struct, frozen=True, kw_only=True):
    """A summary. If the text cannot be understood, `summary` is null and `empty_reason` says why."""

    summary: Summary | None
    empty_reason: EmptyReason | None = None
