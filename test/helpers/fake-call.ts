import { startConversation } from '../../services/bot/domain/conversation.ts';
import type { CallOnLine, ConversationDeps } from '../../services/bot/domain/deps.ts';
import type { CallLine, CallListener, Outcome } from '../../services/bot/domain/ports.ts';
import type { Extraction } from '../../services/bot/domain/record.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

const MULAW_BYTES_A_CHARACTER = 480;

/** A form in which the caller has given their name. */
export const GIVEN: Extraction = {
  language: 'fr',
  name: 'Jean',
  subject: null,
  wanted: null,
  place: null,
  callbackNumber: null,
  notes: null,
  state: { name: 'given', subject: 'missing', wanted: 'missing', place: 'missing', callbackNumber: 'missing' },
};

/** Waits on the fake clock; rejects as fetch does when the signal is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** One conversation on a clock that stands still, with ports made of waits. `heard` lists what happened, in order. */
export type FakeCall = {
  readonly clock: FakeClock;
  readonly heard: string[];
  readonly outcome: Promise<Outcome>;
  /** The caller speaks (or is silent) for so many milliseconds. */
  caller(ms: number, speaking: boolean): Promise<void>;
  hangUp(): void;
};

/**
 * @param ports replaces some of: transcription in 300 ms, a reply in 300 ms, extraction in 500 ms, speech in 100 ms
 * @param online replaces some of what the line introduced
 */
export function startFakeCall(
  ports: (clock: FakeClock, wait: Wait, defaults: ConversationDeps) => Partial<ConversationDeps> = () => ({}),
  online: Partial<CallOnLine> = {},
): FakeCall {
  const clock = createFakeClock();
  const heard: string[] = [];
  const wait: Wait = (ms, signal) =>
    new Promise((resolve, reject) => {
      const cancel = clock.after(ms, resolve);
      const stop = () => {
        cancel();
        reject(signal.reason);
      };
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
    });
  let voiced = false;
  let mediaMs = 0;
  const line = createLine(clock, heard, (name) => conversation.heardMark(name));
  const defaults = createPorts(clock, wait, heard);
  const conversation = startConversation(
    { ...defaults, ...ports(clock, wait, defaults) },
    {
      callSid: 'CA1',
      traceId: null,
      traceparent: null,
      language: 'fr',
      line,
      vad: { isSpeech: () => voiced, close() {} },
      listener: createListener(heard),
      ...online,
    },
  );
  return {
    clock,
    heard,
    outcome: conversation.done,
    async caller(ms, speaking) {
      voiced = speaking;
      for (const endMs = mediaMs + ms; mediaMs < endMs; mediaMs += 20) {
        conversation.hear(new Int16Array(160), mediaMs);
        await clock.advance(20);
      }
    },
    hangUp: () => conversation.end('caller_hangup'),
  };
}

function createPorts(clock: FakeClock, wait: Wait, heard: string[]): ConversationDeps {
  return {
    clock,
    wallClock: () => 1_700_000_000_000 + clock.now(),
    transcriber: {
      async transcribe({ turn, signal }) {
        await wait(300, signal);
        return `texte ${turn.turnIndex}`;
      },
    },
    replyModel: {
      async *reply({ signal, messages }) {
        heard.push(
          `model sees: ${messages
            .filter((message) => message.role === 'user')
            .map((message) => message.content)
            .join(' + ')}`,
        );
        await wait(300, signal);
        yield { kind: 'text', text: 'Très bien, quel jour voulez-vous venir ?' };
      },
    },
    extractor: {
      async extract({ signal }) {
        await wait(500, signal);
        return GIVEN;
      },
    },
    synthesizer: {
      async *speak({ text, signal }) {
        await wait(100, signal);
        heard.push(`says: ${text}`);
        yield new Uint8Array(MULAW_BYTES_A_CHARACTER * text.length);
      },
    },
    outbox: {
      async save({ draft, idempotencyKey }) {
        heard.push(`saved: ${idempotencyKey} ${draft.name}`);
        return { delivered: Promise.resolve({ outcome: 'saved', attempts: 1, ageMs: 1 }) };
      },
    },
    phraseBook: {
      prepare: async () => undefined,
      find: () => undefined,
      audioOf: () => new Uint8Array(4800),
      keep: async () => undefined,
    },
    settings: {
      businessName: 'x',
      timeZone: 'Europe/Paris',
      endSilenceMs: 400,
      fillerMs: 0,
      stallMs: 750,
      noSpeechMs: 6000,
      maxCallMs: 600_000,
      noMediaMs: 10_000,
    },
  };
}

/** Plays in real time and returns marks when their audio has been played, or cleared. */
function createLine(clock: FakeClock, heard: string[], mark: (name: string) => void): CallLine {
  let untilMs = 0;
  let pending: string[] = [];
  return {
    sendMedia(payload) {
      untilMs = Math.max(untilMs, clock.now()) + payload.length / 8;
    },
    sendMark(name) {
      pending.push(name);
      clock.after(untilMs - clock.now(), () => {
        if (!pending.includes(name)) return;
        pending = pending.filter((other) => other !== name);
        mark(name);
      });
    },
    sendClear() {
      heard.push('clear');
      const flushed = pending;
      pending = [];
      untilMs = clock.now();
      clock.after(30, () => {
        for (const name of flushed) mark(name);
      });
    },
    hangUp: () => void heard.push('line hung up'),
  };
}

function createListener(heard: string[]): CallListener {
  const nothing = () => undefined;
  return {
    turnStarted: nothing,
    callerSpoke: nothing,
    said: nothing,
    extracted: nothing,
    languageHeard: nothing,
    greetingHeard: nothing,
    fillerStarted: (turnIndex) => void heard.push(`filler in turn ${turnIndex}`),
    answerStarted: (turnIndex) => void heard.push(`answer in turn ${turnIndex}`),
    turnEnded: (turnIndex, reason) => void heard.push(`turn ${turnIndex} ${reason}`),
    providerFailed: (_turnIndex, stage, error) =>
      void heard.push(`${stage} failed: ${(error as { code?: string }).code}`),
    dtmf: nothing,
    wrapUpStarted: nothing,
    ended: ({ reason, outcome }) => void heard.push(`ended: ${reason} ${outcome}`),
  };
}
