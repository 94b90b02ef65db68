import type { Clock } from '../../line/clock.ts';
import type { PhraseBook } from './phrase-book.ts';
import type {
  CallLine,
  CallListener,
  CallResources,
  Extractor,
  Language,
  LiveTranscriber,
  RecordOutbox,
  ReplyModel,
  Retriever,
  Synthesizer,
  Transcriber,
  VoiceActivity,
} from './ports.ts';

/** Everything a conversation needs from outside. */
export type ConversationDeps = {
  readonly clock: Clock;
  /** Epoch milliseconds. */
  readonly wallClock: () => number;
  readonly transcriber: Transcriber;
  /** Hears the caller while they speak; `transcriber` takes over when it fails. */
  readonly liveTranscriber?: LiveTranscriber | undefined;
  /** Absent: nothing is known about the business. */
  readonly retriever?: Retriever | undefined;
  readonly replyModel: ReplyModel;
  readonly extractor: Extractor;
  readonly synthesizer: Synthesizer;
  readonly outbox: RecordOutbox;
  readonly phraseBook: PhraseBook;
  readonly callResources?: CallResources | undefined;
  readonly settings: ConversationSettings;
};

/** Times in milliseconds. */
export type ConversationSettings = {
  readonly businessName: string;
  readonly timeZone: string;
  readonly endSilenceMs: number;
  /** With nothing to say so long after the end of the caller's speech, the bot says that it is looking; 0: never. */
  readonly fillerMs: number;
  /** A line without frames for so long, while the caller speaks, has ended their utterance. */
  readonly stallMs: number;
  /** The bot asks whether anybody is there after so long a silence. */
  readonly noSpeechMs: number;
  readonly maxCallMs: number;
  /** A stream without a frame for so long is dead. */
  readonly noMediaMs: number;
};

/** The call as the line introduced it. */
export type CallOnLine = {
  readonly callSid: string;
  readonly traceId: string | null;
  readonly traceparent: string | null;
  readonly language: Language;
  readonly line: CallLine;
  readonly vad: VoiceActivity;
  readonly listener: CallListener;
  /**
   * What a frame begins (a turn, an end) runs where this lets it; whoever hands in frames, fifty a second, need not enter
   * anything for each. Default: where the frame was handed in.
   */
  readonly bind?: <Work extends (...args: never[]) => unknown>(work: Work) => Work;
};
