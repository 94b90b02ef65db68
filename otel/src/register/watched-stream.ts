import { context as contextApi, trace } from '@opentelemetry/api';
import type { RawData, WebSocket } from 'ws';
import type { CallTrace } from '../call/call.ts';
import { traceparentOf } from '../call/call-context.ts';
import { discardCall } from '../call/traced-call.ts';
import type { Callspan } from '../callspan.ts';
import { type CallEndReason, SpanName, Stage } from '../conventions/index.ts';
import { createEnergyVoiceActivity } from '../media/voice-activity.ts';
import { type MediaTap, tapMediaStream } from '../tap/media-tap.ts';
import { sentText } from '../tap/sent-text.ts';
import type { AppCalls } from './app-calls.ts';
import type { CallStream, CallStreams, SocketHolder } from './call-streams.ts';
import type { Guard } from './guard.ts';
import { TurnInference } from './infer-turns.ts';
import type { Sightings } from './sightings.ts';
import type { SocketScope } from './socket-scope.ts';
import { readArrival, readSending, type StreamStart } from './stream-messages.ts';
import type { WebhookPlaces } from './webhook-places.ts';

/** What the watching of media streams needs. */
export type MediaStreamWatch = {
  readonly guard: Guard;
  readonly callspan: Callspan;
  readonly places: WebhookPlaces;
  readonly streams: CallStreams;
  readonly sightings: Sightings;
  readonly appCalls: AppCalls;
  /** Media milliseconds per millisecond: 1 on a telephone. */
  readonly mediaRate: number;
};

type Parts = {
  readonly socket: WebSocket;
  readonly holder: SocketHolder;
  readonly scope: SocketScope;
  readonly start: StreamStart;
};
/** `atMs`: monotonic. */
type StreamEnding = { readonly reason: CallEndReason; readonly atMs: number };
type Close = (this: WebSocket, ...parameters: unknown[]) => void;

/** Turns are found from what the detector is told, while the bot works. */
const HEAR_WITHIN_MS = 200;

/** A bot may go on working for a call whose stream is over: its model calls are waited for, so long. */
const LONGEST_WRAP_UP_MS = 30_000;
const LOOK_EVERY_MS = 100;
/** Of a stream that nobody closed in order (RFC 6455, section 7.4.1). */
const BROKEN = new Set([1006, 1011]);

/** A media stream, and the call that is made of it. */
export class WatchedStream {
  readonly #watch: MediaStreamWatch;
  readonly #parts: Parts;
  readonly #call: CallTrace;
  readonly #turns: TurnInference;
  readonly #stream: CallStream;
  readonly #seen = { webhook: false, caller: false, bot: false, models: 0 };
  #openModelCalls = 0;
  #hasBotClosed = false;
  #tap: MediaTap | undefined;
  /** How and when the stream ended, once it has: no later end of the process changes that. */
  #ending: StreamEnding | undefined;
  #isOver = false;
  #isHandedOver = false;

  /** Starts the call: from its webhook's trace when that was seen. */
  constructor(watch: MediaStreamWatch, parts: Parts) {
    this.#watch = watch;
    this.#parts = parts;
    const { callSid } = parts.start;
    const place = watch.places.find(callSid);
    const traceparent = place ? traceparentOf(trace.wrapSpanContext(place.span)) : null;
    this.#call = watch.callspan.startCall({ ...parts.start, traceparent });
    this.#seen.webhook = place !== undefined;
    watch.sightings.streamStarted(callSid);
    const answeredAtMs = watch.places.streamStarted(callSid) ?? Date.now();
    const startedAtMs = this.#call.startedAtMs - Math.max(0, Date.now() - answeredAtMs);
    const setup = this.#call.startSpan({ name: SpanName.setup, stage: Stage.setup, startedAtMs });
    const { mediaRate: rate } = watch;
    this.#turns = new TurnInference({
      call: this.#call,
      rate,
      lookEveryMs: HEAR_WITHIN_MS,
      onOpened: (atMs) => setup.end(atMs),
      // The tap looks at every frame that waits before it says what it has counted.
      listenNow: () => void this.#tap?.ledger,
    });
    this.#attach();
    this.#stream = {
      context: () => this.#turns.context,
      hasOpenTurn: (index) => this.#turns.hasOpenTurn(index),
      callerFinished: (source) => this.#turns.committed(source),
      handOver: () => this.#handOver(),
      shutdown: () => this.#end(this.#ending ?? { reason: 'shutdown', atMs: this.#call.clock.now() }),
    };
    watch.streams.add(callSid, this.#stream);
    parts.holder.stream = this.#stream;
    this.#turns.begin();
  }

  /** Runs the bot's own code in the context of its call. */
  run(work: () => void): void {
    contextApi.with(this.#turns.context, work);
  }

  #attach(): void {
    const { socket, scope } = this.#parts;
    const { callspan, mediaRate } = this.#watch;
    const createVoiceActivity = () => this.#turns.listening(createEnergyVoiceActivity());
    const options = { mediaRate, createVoiceActivity, lookEveryMs: HEAR_WITHIN_MS };
    this.#tap = tapMediaStream(callspan, this.#call, socket, options);
    this.#call.observe(this.#turns);
    this.#call.observe({
      stageStarted: ({ provider }) => this.#countModelCall(provider, 1),
      stageEnding: ({ provider }) => this.#countModelCall(provider, -1),
    });
    scope.contextOf = () => this.#turns.context;
    scope.sight = (event, values) => this.#see(event, values);
    this.#wrapSend(socket);
    this.#wrapClose(socket, 'close');
    this.#wrapClose(socket, 'terminate');
  }

  #countModelCall(provider: string | undefined, change: 1 | -1): void {
    if (!provider) return;
    this.#openModelCalls += change;
    if (change > 0) this.#seen.models += 1;
  }

  /** Around the tap's own: a turn has to be there before its audio is. */
  #wrapSend(socket: WebSocket): void {
    const { guard } = this.#watch;
    const { send } = socket;
    const wrapped = (...parameters: unknown[]) => {
      const text = this.#isHandedOver ? undefined : guard(() => sentText(parameters[0], parameters[1]));
      const sending = text === undefined ? undefined : guard(() => readSending(text));
      if (sending?.event === 'media') {
        this.#seen.bot = true;
        guard(() => this.#turns.sendingMedia(sending.audio));
      }
      if (sending?.event === 'mark') guard(() => this.#turns.sendingMark(sending.name));
      const result: unknown = Reflect.apply(send, socket, parameters);
      if (sending?.event === 'clear') guard(() => this.#turns.clearSent());
      return result;
    };
    Object.assign(socket, { send: wrapped });
  }

  #wrapClose(socket: WebSocket, name: 'close' | 'terminate'): void {
    const close = socket[name] as Close;
    Object.assign(socket, {
      [name]: (...parameters: unknown[]) => {
        // The ws package answers the other end's close frame by this method.
        const isAnswer = (socket as { _closeFrameReceived?: boolean })._closeFrameReceived === true;
        if (!isAnswer && !this.#isOver) this.#hasBotClosed = true;
        return Reflect.apply(close, socket, parameters);
      },
    });
  }

  #see(event: string | symbol, [data, isBinary]: readonly unknown[]): boolean {
    const { guard } = this.#watch;
    // The bot's and the tap's listeners hear of it first.
    if (event === 'close') queueMicrotask(() => guard(() => this.#over(Number(data))));
    if (event !== 'message') return false;
    this.#seen.caller = true;
    const arrival = guard(() => readArrival(data as RawData, isBinary));
    if (arrival?.event === 'mark') guard(() => this.#turns.markBack(arrival.name));
    if (arrival?.event === 'stop') queueMicrotask(() => guard(() => this.#over()));
    return false;
  }

  /** The stream is over: the call ends when the bot's model calls for it have. */
  #over(closeCode?: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const atMs = this.#call.clock.now();
    const reason = this.#hasBotClosed ? 'bot_hangup' : BROKEN.has(closeCode ?? 0) ? 'stream_error' : 'caller_hangup';
    const ending = { reason, atMs } as const;
    this.#ending = ending;
    this.#turns.close();
    const wrapUp = this.#call.startSpan({ name: SpanName.wrapUp, startedAtMs: atMs });
    const look = setInterval(() => {
      const now = this.#call.clock.now();
      if (this.#openModelCalls > 0 && now - atMs < LONGEST_WRAP_UP_MS) return;
      clearInterval(look);
      this.#watch.guard(() => {
        wrapUp.end();
        this.#end(ending);
      });
    }, LOOK_EVERY_MS).unref();
  }

  #handOver(): void {
    const { streams } = this.#watch;
    const { start, holder, scope } = this.#parts;
    this.#isOver = true;
    this.#isHandedOver = true;
    streams.remove(start.callSid, this.#stream);
    delete holder.stream;
    discardCall(this.#call);
    this.#tap?.close();
    scope.release();
  }

  #end({ reason, atMs: endedAtMs }: StreamEnding): void {
    if (this.#call.isEnded) return;
    const { sightings, places, streams } = this.#watch;
    const { callSid } = this.#parts.start;
    const { context } = this.#call;
    this.#isOver = true;
    streams.remove(callSid, this.#stream);
    delete this.#parts.holder.stream;
    // What Twilio still says of this call belongs to its trace.
    const span = places.find(callSid)?.span ?? trace.getSpanContext(context);
    if (span) places.remember(callSid, { span });
    const isHeard = this.#turns.callersTurns > 0;
    const outcome = reason === 'shutdown' ? 'interrupted' : isHeard ? 'no_record' : 'abandoned';
    this.#call.end({ reason, outcome, endedAtMs });
    sightings.callEnded(this.#seen, context);
  }
}
