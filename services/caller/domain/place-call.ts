import { type CallStatus, createCallParameters, createCompletedParameters } from './call-parameters.ts';
import type { CallEnd, CallEvent, CallResult } from './call-result.ts';
import { type CallSession, exchangeFrame } from './call-session.ts';
import { sendCallback } from './callback.ts';
import { createCallerLine } from './caller-line.ts';
import { fetchDocument } from './document.ts';
import { TwilioFault } from './fault.ts';
import type { OrderedFault } from './faults/fault-order.ts';
import { createLineFaults } from './faults/line-faults.ts';
import { playScript } from './play-script.ts';
import type { LineDeps } from './ports.ts';
import { runTwiml } from './run-twiml.ts';
import type { CallerScript } from './script.ts';
import { createSid } from './sid.ts';
import { startTicker, type Ticker } from './ticker.ts';
import { createTurns, findWaitBeforeMs } from './turn-result.ts';

/** Which call: the bot's webhook, who calls, and what the caller does. Addresses are absolute. */
export type PlaceCallOptions = {
  readonly webhookUrl: string;
  readonly script: CallerScript;
  readonly from?: string;
  readonly to: string;
  /** The caller's words take their time but are silence. */
  readonly isMuted?: boolean;
  /** What the caller's first utterances sound like in place of the modem: µ-law at 8 kHz. */
  readonly recordings?: readonly Uint8Array[];
  readonly statusCallbackUrl?: string;
  /** What goes wrong on the line; nothing when left out. `seed` (default 1) decides when. */
  readonly faults?: readonly OrderedFault[];
  readonly seed?: number;
  readonly onEvent?: (event: CallEvent) => void;
};

/** A call that goes on. `result` never rejects. */
export type PlacedCall = {
  readonly callSid: string;
  readonly parties: { readonly from: string; readonly to: string };
  readonly result: Promise<CallResult>;
  /** Ends the call; without effect when it has ended. `bot`: by Twilio's REST. */
  hangUp(by: 'bot' | 'caller'): void;
};

/** Places a call and gives its result. */
export function placeCall(options: PlaceCallOptions, deps: LineDeps): Promise<CallResult> {
  return startCall(options, deps).result;
}

/** Places a call that can be watched and hung up. */
export function startCall(options: PlaceCallOptions, deps: LineDeps): PlacedCall {
  const from = options.from ?? options.script.from;
  const parties = { accountSid: deps.accountSid, callSid: createSid('CA', deps.random), from, to: options.to };
  const ended = new AbortController();
  let end: CallEnd | null = null;
  const finish = (how: CallEnd) => {
    end ??= how;
    ended.abort(new Error('the call has ended'));
  };
  const events: CallEvent[] = [];
  const emit = (event: CallEvent) => {
    events.push(event);
    options.onEvent?.(event);
  };
  const line = createCallerLine({
    isMuted: options.isMuted ?? options.script.muted,
    recordings: options.recordings ?? [],
    onCallerSpeaks: ({ text }) => emit({ type: 'caller', text }),
    onBotSpoke: ({ text, startSample }) => emit({ type: 'bot', text, waitMs: findWaitBeforeMs(line, startSample) }),
  });
  // Whatever waits on the line stops waiting at once, whoever ended the call.
  ended.signal.addEventListener('abort', () => line.close());
  const session: CallSession = {
    deps,
    parties,
    line,
    faults: createLineFaults({
      faults: options.faults ?? [],
      seed: options.seed ?? DEFAULT_SEED,
      clock: deps.clock,
      stepCount: options.script.steps.length,
    }),
    signal: ended.signal,
    connected: null,
    taps: new Set(),
    streams: new Map(),
    isTransferred: false,
    digits: '',
    streamSid: null,
    mediaStartSample: null,
    closeCode: null,
    streamFault: null,
    pending: [],
    emit,
    finish,
  };
  const result = run(session, options).then(async ({ status, message, ticker }) => {
    const how: CallEnd = { ...(end ?? { by: 'bot' }), ...(session.isTransferred && { isTransferred: true }) };
    emit({ type: 'ended', end: how, message, status, durationMs: line.position() / 8 });
    return conclude(session, options, { end: how, status, ticker, events });
  });
  return { callSid: parties.callSid, parties, result, hangUp: (by) => finish({ by }) };
}

const DEFAULT_SEED = 1;

// Below this much wall time a pause may be the machine's and not the bot's.
const LEAST_WALL_PAUSE_MS = 120;

type Run = { readonly status: CallStatus; readonly message: string | null; readonly ticker: Ticker | null };

async function run(session: CallSession, options: PlaceCallOptions): Promise<Run> {
  const { deps, parties, line, signal, faults, finish } = session;
  let ticker: Ticker | null = null;
  let status: CallStatus = 'failed';
  let message: string | null = null;
  try {
    session.emit({ type: 'ringing', callSid: parties.callSid, from: parties.from, to: parties.to });
    const action = { url: options.webhookUrl, method: 'POST' } as const;
    const document = await fetchDocument(deps, parties, { action, status: 'ringing', signal });
    status = 'completed';
    ticker = startTicker(faults.mediaClock, () => line.tick((frame) => exchangeFrame(session, frame)));
    startScript(session, options.script);
    ({ status } = await runTwiml(session, document));
    finish(createBotEnd(session));
    message = session.streamFault?.message ?? null;
  } catch (error) {
    if (!signal.aborted) {
      const fault = error instanceof TwilioFault ? error : new TwilioFault(11200, String(error), error);
      message = fault.message;
      finish({ by: 'twilio', errorCode: fault.code });
    }
  } finally {
    ticker?.close();
    line.close();
  }
  return { status, message, ticker };
}

function startScript(session: CallSession, script: CallerScript): void {
  const hands = {
    press(digit: string) {
      session.digits += digit;
      session.connected?.dtmf?.(digit);
      session.emit({ type: 'dtmf', digit });
    },
    hangUp() {
      // On a dead line nobody can hang up politely: the caller gives up when the fault says so.
      if (!session.faults.isHalfOpen()) session.finish({ by: 'caller' });
    },
    beginStep: session.faults.beginStep,
    leastPauseMs: session.deps.clock.speed > 1 ? LEAST_WALL_PAUSE_MS * session.deps.clock.speed : 0,
  };
  // It rejects when the line is closed under it: the call has ended, and its end is known.
  playScript(script, session.line, hands).catch(() => undefined);
}

function createBotEnd({ streamFault, closeCode }: CallSession): CallEnd {
  const code = closeCode === null ? {} : { closeCode };
  return streamFault ? { by: 'twilio', errorCode: streamFault.code, ...code } : { by: 'bot', ...code };
}

type Conclusion = Pick<Run, 'status' | 'ticker'> & { readonly end: CallEnd; readonly events: readonly CallEvent[] };

async function conclude(
  session: CallSession,
  options: PlaceCallOptions,
  { end, status, ticker, events }: Conclusion,
): Promise<CallResult> {
  const { deps, parties, line } = session;
  const durationMs = line.position() / 8;
  const faults = session.faults.report();
  if (options.statusCallbackUrl !== undefined) {
    const params = { ...createCallParameters(parties, status), ...createCompletedParameters(durationMs, deps.today()) };
    sendCallback(session, { url: options.statusCallbackUrl, method: 'POST' }, params);
  }
  const wasAnswered = status !== 'failed';
  const facts = wasAnswered ? await deps.lookUps.findCall(parties.callSid) : null;
  const record = wasAnswered ? await deps.lookUps.findRecord(parties.callSid, facts?.outcome === 'saved') : null;
  await Promise.all(session.pending);
  return {
    callSid: parties.callSid,
    streamSid: session.streamSid,
    traceId: facts?.traceId ?? null,
    outcome: facts?.outcome ?? null,
    end,
    durationMs,
    ...createTurns(line, facts, session.mediaStartSample),
    record,
    warnings: events.flatMap((event) =>
      event.type === 'warning' ? [{ code: event.code, message: event.message }] : [],
    ),
    senderLatenessMs: ticker?.latenessMs() ?? { p50: 0, p99: 0 },
    faults,
    seed: faults.length > 0 ? (options.seed ?? DEFAULT_SEED) : null,
  };
}
