import { type Context, context as contextApi, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { callRefOf, withCallRef } from '../call/call-context.ts';
import type { CallObserver } from '../call/observer.ts';
import { checkOptions, type OptionRule } from '../check-options.ts';
import { Attr, SCOPE_NAME } from '../conventions/index.ts';
import { createKnownValues, type KnownValues } from '../redaction/known-values.ts';
import { withMaskedContent } from '../redaction/log-processor.ts';
import { FULLY_MASKED, type MaskTools, maskContent } from '../redaction/mask-content.ts';
import { type Redactor, renewProcessRedactor } from '../redaction/redactor.ts';
import type { CaptureLevel } from '../sdk/config.ts';
import { recordLogger } from './record-logger.ts';

/** Keeps what people said, as log records linked to the trace, never on spans. One for all calls of a bot. */
export type ContentRecorder = {
  /** The content of one call; it is closed when the call ends. */
  forCall(call: { observe(observer: CallObserver): void }): CallContent;
};

/** What was said in one call. Methods never throw; at capture `off` they do nothing. */
export type CallContent = {
  /** @param eventName one of `voice.transcript`, `voice.prompt`, `voice.reply`, `voice.extraction` */
  record(eventName: string, text: string, context: Context): void;
  /**
   * Personal values as far as they are known now, by field; null: asked for, not known yet. At capture `masked` they are
   * replaced wherever they were said. Content waits in memory until a call of this that has no null, at the latest
   * until the call's end: a name may be said before it is known to be one.
   */
  know(values: Readonly<Record<string, string | null | undefined>>): void;
};

/** How content is kept. */
export type ContentOptions = {
  /** `off`, `masked` or `full`: at most what `CALLSPAN_CAPTURE` allows, of the two the stricter one counts. */
  readonly capture: CaptureLevel;
  /** Names that belong to the business and are no personal data: its own, its products, its towns. */
  readonly ownWords?: readonly string[];
  /** Default: the process's own. */
  readonly redactor?: Redactor;
};

const OPTIONS: Readonly<Record<keyof ContentOptions, OptionRule>> = {
  capture: {
    isRight: (value) => value === 'off' || value === 'masked' || value === 'full',
    expected: '"off", "masked" or "full"',
  },
  ownWords: {
    isRight: (value) => Array.isArray(value) && value.every((word) => typeof word === 'string'),
    expected: 'a list of words',
  },
  redactor: { isRight: (value) => typeof value === 'object' && value !== null, expected: 'a redactor' },
};

/** Held in memory, characters: of one call, and of all calls together. */
const MAX_HELD_OF_CALL = 262_144;
const MAX_HELD = 8_388_608;

/**
 * Makes the recorder.
 * @throws TypeError when an option is wrong, naming it, its value and the expected form
 */
export function createContentRecorder(options: ContentOptions): ContentRecorder {
  checkOptions('createContentRecorder', options, OPTIONS);
  const { ownWords = [], redactor = renewProcessRedactor() } = options;
  const capture = stricterOf(options.capture, redactor.level);
  if (capture === 'off') return { forCall: () => ({ record() {}, know() {} }) };
  if (capture === 'full') return { forCall: () => unthrowing({ record: emitNow, know() {} }) };
  const own = new Set(ownWords.flatMap((name) => name.toLowerCase().split(/[\s-]+/)));
  const isOwnWord = (word: string) => own.has(word);
  const held: HeldTotal = { characters: 0 };
  return {
    forCall(call) {
      const content = new MaskedContent({ redact: redactor.maskedText, isOwnWord }, held);
      call.observe({ callEnding: () => content.close() });
      return unthrowing(content);
    },
  };
}

/** Whoever records is in the middle of a call: what was handed in wrong is not worth its end. */
function unthrowing(content: CallContent): CallContent {
  return {
    record(eventName, text, context) {
      try {
        content.record(eventName, text, context ?? contextApi.active());
      } catch {
        // A context of nobody's making.
      }
    },
    know(values) {
      try {
        content.know(values);
      } catch {
        // No values, or some that throw when they are read: nothing is known, and what waits goes on waiting.
      }
    },
  };
}

const LEVELS: readonly CaptureLevel[] = ['off', 'masked', 'full'];

/** Whoever operates the process has said what may leave it. */
function stricterOf(one: CaptureLevel, other: CaptureLevel): CaptureLevel {
  return LEVELS.indexOf(one) < LEVELS.indexOf(other) ? one : other;
}

/** A record as it will be emitted, wherever and whenever. */
type ContentRecord = {
  readonly eventName: string;
  readonly text: string;
  readonly context: Context;
  readonly atMs: number;
};
type HeldTotal = { characters: number };

class MaskedContent implements CallContent {
  readonly #known = createKnownValues();
  readonly #tools: MaskTools;
  readonly #total: HeldTotal;
  #held: ContentRecord[] = [];
  #heldCharacters = 0;
  #isClosed = false;

  constructor(tools: MaskTools, total: HeldTotal) {
    this.#tools = tools;
    this.#total = total;
  }

  record(eventName: string, text: string, context: Context): void {
    // Now, not at the end: what waits in memory is masked but for values not known yet, and no release has much to do.
    const masked = maskContent(text, this.#tools);
    const record = { eventName, text: masked, context: detached(context), atMs: Date.now() };
    const isFull = this.#heldCharacters + masked.length > MAX_HELD_OF_CALL;
    if (this.#isClosed) this.#emit(record);
    else if (isFull || this.#total.characters + masked.length > MAX_HELD) emitMasked({ ...record, text: FULLY_MASKED });
    else this.#hold(record);
  }

  know(values: Readonly<Record<string, string | null | undefined>>): void {
    const entries = Object.entries(values);
    for (const [field, value] of entries) if (typeof value === 'string') this.#known.add(field, value);
    if (entries.every(([, value]) => value !== null && value !== undefined)) this.#release();
  }

  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  #hold(record: ContentRecord): void {
    this.#held.push(record);
    this.#heldCharacters += record.text.length;
    this.#total.characters += record.text.length;
  }

  #release(): void {
    const records = this.#held;
    this.#total.characters -= this.#heldCharacters;
    this.#held = [];
    this.#heldCharacters = 0;
    for (const record of records) this.#emit(record);
  }

  #emit(record: ContentRecord): void {
    emitMasked({ ...record, text: replaceKnown(record.text, this.#known) });
  }
}

function replaceKnown(text: string, known: KnownValues): string {
  try {
    return known.replaceIn(text);
  } catch {
    return FULLY_MASKED;
  }
}

/** What is not marked so is not kept by a process below `full`: nobody has masked it. */
function emitMasked(record: ContentRecord): void {
  emit({ ...record, context: withMaskedContent(record.context) });
}

function emitNow(eventName: string, text: string, context: Context): void {
  emit({ eventName, text, context, atMs: Date.now() });
}

/** The span's ids and the call's, without what else a context holds on to. */
function detached(context: Context): Context {
  const span = trace.getSpanContext(context);
  const ref = callRefOf(context);
  const where = span ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT;
  return ref ? withCallRef(where, { ...ref, call: undefined }) : where;
}

function emit({ eventName, text, context, atMs }: ContentRecord): void {
  const ref = callRefOf(context);
  try {
    recordLogger(SCOPE_NAME)?.emit({
      context,
      eventName,
      timestamp: atMs,
      observedTimestamp: atMs,
      severityNumber: SeverityNumber.INFO,
      severityText: 'info',
      body: text,
      attributes: {
        ...(ref ? { [Attr.conversationId]: ref.callSid } : {}),
        ...(ref?.turnIndex === undefined ? {} : { [Attr.turnIndex]: ref.turnIndex }),
      },
    });
  } catch {
    // A log pipeline of one's own that throws must not reach the call.
  }
}
