import type { Extraction, RecordDraft } from './record.ts';

export type Language = 'fr' | 'en';

/** Which turn of which call a request is for. */
export type TurnRef = { readonly callSid: string; readonly turnIndex: number };

/** A message of the conversation, as chat models take them. */
export type Message = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string };

/** A piece of a streamed reply: words, or the wish to use a tool. */
export type ReplyPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool'; readonly name: string };

/** Speech to text of one whole utterance. @throws ProviderError */
export type Transcriber = {
  /** `samples`: PCM16, 8 kHz, mono. Resolves to '' when nothing was understood. */
  transcribe(request: TurnRequest & { readonly samples: Int16Array; readonly language: Language }): Promise<string>;
};

/** Speech to text while the caller speaks. */
export type LiveTranscriber = {
  /** Begins to listen to an utterance. Never throws: what fails is told by `commit`. */
  listen(request: TurnRequest & { readonly language: Language }): TranscriptionStream;
};

/** One utterance on its way to its transcript. */
export type TranscriptionStream = {
  /** PCM16, 8 kHz, mono. Never throws. */
  append(frame: Int16Array): void;
  /** The utterance is complete: its transcript, '' when nothing was understood. Once a stream. @throws ProviderError */
  commit(): Promise<string>;
  /** The transcript is not wanted any more. */
  cancel(): void;
};

/** A piece of text about the business; `source` says where it stands, for people. */
export type Passage = { readonly source: string; readonly text: string };

/** Finds what the business has written about a question, best first; empty when nothing. @throws ProviderError */
export type Retriever = {
  retrieve(
    request: TurnRequest & { readonly question: string; readonly language: Language },
  ): Promise<readonly Passage[]>;
};

/** The model that answers. @throws ProviderError, also half-way */
export type ReplyModel = {
  reply(request: TurnRequest & { readonly messages: readonly Message[] }): AsyncIterable<ReplyPart>;
};

/** The model that fills the form from the conversation. @throws ProviderError */
export type Extractor = {
  extract(request: TurnRequest & { readonly messages: readonly Message[] }): Promise<Extraction>;
};

/** What the bot says without asking a model. */
export type PhraseKey =
  | 'greeting'
  | 'repeat'
  | 'trouble'
  | 'noted'
  | 'stillThere'
  | 'silentGoodbye'
  | 'apology'
  | 'notSaved'
  | 'filler';

/** What is to be said; `phrase` names the fixed phrase that `text` is, if it is one. */
export type SpeechRequest = TurnRequest & {
  readonly text: string;
  readonly language: Language;
  readonly phrase?: PhraseKey;
};

/** Text to speech. */
export type Synthesizer = {
  /** Yields µ-law, 8 kHz, mono, in pieces of any size. @throws ProviderError, also half-way */
  speak(request: SpeechRequest): AsyncIterable<Uint8Array>;
  /** True when `speak` would play a recording and ask nobody, as of now. Absent: it always asks. */
  isCached?(request: Pick<SpeechRequest, 'language' | 'phrase'>): boolean;
};

/** What is kept open for each call: sockets to providers. Neither throws. */
export type CallResources = {
  /** A call has begun: opens early what it will need. */
  open(callSid: string): void;
  /** A call has been wrapped up. */
  release(callSid: string): void;
};

type TurnRequest = { readonly turn: TurnRef; readonly signal: AbortSignal };

/** How far a record got: stored by the service, kept for a later try, or refused for good. */
export type Delivery = {
  readonly outcome: 'saved' | 'duplicate' | 'queued' | 'dead';
  readonly attempts: number;
  /** Milliseconds from the write to the outbox. */
  readonly ageMs: number;
};

/** A durable store for records on their way. */
export type RecordOutbox = {
  /** Resolves when the record is on disk; `delivered` tells of the first attempt to deliver it. @throws when the disk fails. */
  save(request: {
    readonly turn: TurnRef;
    readonly draft: RecordDraft;
    /** The same key is the same record, however often it is sent. */
    readonly idempotencyKey: string;
    readonly traceparent: string | null;
  }): Promise<{ readonly delivered: Promise<Delivery> }>;
};

/** Decides for one 20 ms frame (160 samples, PCM16, 8 kHz) whether somebody speaks. */
export type VoiceActivity = { isSpeech(frame: Int16Array): boolean; close(): void };

/** The bot's side of a media stream. */
export type CallLine = {
  /** µ-law, 8 kHz. */
  sendMedia(payload: Uint8Array): void;
  sendMark(name: string): void;
  sendClear(): void;
  /** Ends the stream: the line then goes on with the TwiML after it. */
  hangUp(): void;
};

/** What one stretch of the bot's speech came to. Times are of the call's clock, milliseconds. */
export type Playout = {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly sentMs: number;
  readonly heardMs: number;
  readonly discardedMs: number;
  readonly marksSent: number;
  readonly marksAcked: number;
  readonly marksFlushed: number;
  /** The words that were heard. */
  readonly heardText: string;
  readonly cleared: boolean;
};

/** Who ended the call, as the trace says it. */
export type EndReason = 'caller_hangup' | 'bot_hangup' | 'stream_error' | 'watchdog' | 'shutdown';
/** What came of the call. */
export type Outcome = 'saved' | 'no_record' | 'abandoned' | 'failed' | 'interrupted';

/** Told everything that happens in a call; implementations must not throw. Times are of the call's clock, milliseconds. */
export type CallListener = {
  turnStarted(turnIndex: number, startedAtMs: number): void;
  /** The caller has finished speaking: it was decided now. */
  callerSpoke(turnIndex: number): void;
  said(turnIndex: number, what: 'transcript' | 'reply' | 'prompt' | 'extraction', text: string): void;
  extracted(turnIndex: number, extraction: Extraction): void;
  languageHeard(language: Language): void;
  greetingHeard(atMs: number): void;
  /** A filler ("one moment") is about to be queued: what ends the caller's wait is not the answer. */
  fillerStarted(turnIndex: number): void;
  /** After a filler: the first audio of the answer is about to be queued. */
  answerStarted(turnIndex: number): void;
  turnEnded(turnIndex: number, reason: 'completed' | 'interrupted' | 'session_closed', endedAtMs: number): void;
  providerFailed(
    turnIndex: number,
    stage: 'transcription' | 'retrieval' | 'reply' | 'synthesis' | 'extraction' | 'save',
    error: unknown,
  ): void;
  dtmf(): void;
  wrapUpStarted(atMs: number): void;
  ended(end: {
    readonly reason: EndReason;
    readonly outcome: Outcome;
    readonly endedAtMs: number;
    readonly turns: number;
    readonly bargeIns: number;
  }): void;
};
