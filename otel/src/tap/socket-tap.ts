import type { Context } from '@opentelemetry/api';
import type { RawData, WebSocket } from 'ws';
import type { CallTrace, KitTools } from '../call/call.ts';
import type { OpenTurn } from '../call/observer.ts';
import { LogEvent, SpanEvent } from '../conventions/index.ts';
import { DeadAir } from '../gap/dead-air.ts';
import { createDeadAirSpans } from '../gap/dead-air-spans.ts';
import { createTurnSpans } from '../gap/turn-spans.ts';
import { TurnWatch } from '../gap/turn-watch.ts';
import { WaitAlarm } from '../gap/wait-alarm.ts';
import { emitRecord } from '../logs/kit-log.ts';
import { STALL_MS } from '../media/inbound-ledger.ts';
import { ledgerOf, type MediaLedger, recordLedger } from '../media/ledger.ts';
import { MediaLine } from '../media/media-line.ts';
import { MediaScanner } from '../media/media-scanner.ts';
import { parseObject, readStreamMessage, type StreamMessage } from '../media/messages.ts';
import { BYTES_PER_MS } from '../media/mulaw.ts';
import { GivenFrame, type HandOver } from './given-frame.ts';
import { listenToLine } from './line-listener.ts';
import { Outstanding } from './outstanding.ts';
import { hasMark, markText, splitMedia, textOf } from './probe-marks.ts';
import { type Sending, type SocketSeam, type SocketWatcher, watchSocket } from './socket-seam.ts';
import type { CheckedTapOptions } from './tap-options.ts';
import { guardGeneratedAudio, startVoiceActivity } from './user-callbacks.ts';
import { type FrameReader, looksLikeFrameText, tellFirst, WaitingFrames } from './waiting-frames.ts';

const TICK_MS = 200;
const STALL_EVENT_EVERY_MS = 5000;

/** The tap on one socket, until it is closed or the call has ended. */
export class SocketTap implements SocketWatcher {
  readonly #tools: KitTools;
  readonly #call: CallTrace;
  readonly #options: CheckedTapOptions;
  readonly #line: MediaLine;
  readonly #turns: TurnWatch;
  readonly #deadAir: DeadAir;
  readonly #seam: SocketSeam;
  readonly #alarm: WaitAlarm;
  readonly #outstanding = new Outstanding();
  readonly #scanner: MediaScanner;
  readonly #waiting: WaitingFrames;
  readonly #given: GivenFrame;
  readonly #timer: NodeJS.Timeout;
  /** When the last message came that looked like a frame. */
  #frameAtMs = Number.NEGATIVE_INFINITY;
  #stallToldAtMs = Number.NEGATIVE_INFINITY;
  #closeCode: number | undefined;
  #streamEndedAtMs: number | undefined;
  isClosed = false;

  constructor(
    tools: KitTools,
    call: CallTrace,
    { socket, options }: { socket: WebSocket; options: CheckedTapOptions },
  ) {
    this.#tools = tools;
    this.#call = call;
    this.#options = options;
    this.#given = new GivenFrame(call, tools.problems);
    const startedAtMs = call.clock.now();
    this.#scanner = new MediaScanner(call.streamSid);
    const reader: FrameReader = {
      heard: (data, arrivedAtMs) => this.#messageHeard(data, arrivedAtMs),
      decoded: (samples, place, arrivedAtMs) => this.#line.hear(place, samples, arrivedAtMs),
      sent: (text, sentAtMs) => void this.#messageSent(text, sentAtMs),
      failed: (error) => this.failed(error),
    };
    this.#waiting = new WaitingFrames(reader, options.lookEveryMs);
    const { mediaRate: rate, deadAirMs } = options;
    const onFailure = (error: unknown) => this.failed(error);
    const vad = startVoiceActivity(options.createVoiceActivity, onFailure);
    const generatedAudioMs = guardGeneratedAudio(options.generatedAudioMs, onFailure);
    const listener = listenToLine({ turns: () => this.#turns, call, tools });
    this.#line = new MediaLine({ rate, vad, startedAtMs }, listener);
    const onTurnEnd = (turn: OpenTurn, endedAtMs: number) => this.#recordEnvelope(turn.context, endedAtMs);
    this.#alarm = new WaitAlarm(tools, call.clock.now, () => this.#waiting.take());
    const report = createTurnSpans({ call, tools, generatedAudioMs, onTurnEnd });
    this.#turns = new TurnWatch(this.#line, report, this.#alarm);
    const limitMs = deadAirMs / rate;
    this.#deadAir = new DeadAir(
      { limitMs, startedAtMs },
      { since: (ms) => this.#line.soundsSince(ms) },
      createDeadAirSpans(call, tools),
    );
    // First of the tap's observers: what the line did before is known when the call tells of something.
    call.observe(tellFirst(() => this.#waiting.take()));
    call.observe(this.#turns);
    call.observe(this.#deadAir);
    call.observe({ callEnding: (endedAtMs) => this.#callEnding(endedAtMs) });
    this.#seam = watchSocket(socket, this);
    this.#guard(() => this.#sendPing(startedAtMs));
    this.#timer = setInterval(() => this.#guard(() => this.#tick(call.clock.now())), TICK_MS).unref();
  }

  get ledger(): MediaLedger {
    this.#waiting.take();
    return ledgerOf(this.#line);
  }

  close(): void {
    if (this.isClosed) return;
    this.#waiting.take();
    this.isClosed = true;
    clearInterval(this.#timer);
    this.#alarm.close();
    this.#seam.close();
    this.#releaseWhenAnswered();
  }

  /** An echo or a pong that is still on its way must not reach the bot. */
  #releaseWhenAnswered(): void {
    if (this.isClosed && this.#outstanding.isEmpty) this.#seam.release();
  }

  before(data: RawData, isBinary: boolean): boolean {
    if (this.#given.give(data, isBinary) || isBinary || !hasMark(data)) return false;
    this.#waiting.take();
    const message = readStreamMessage(textOf(data));
    if (message?.event !== 'mark') return false;
    const isProbe = this.#outstanding.probeBack(message.name);
    const mark = this.#line.markBack(message.name, message.sequence, this.#call.clock.now());
    this.#releaseWhenAnswered();
    if (!mark && isProbe && !this.isClosed) this.#tools.problems.report('mark_unknown', this.#call.context);
    return isProbe;
  }

  ponged(data: Buffer): boolean {
    this.#waiting.take();
    const { isOwn, roundTripMs } = this.#outstanding.pongBack(String(data), this.#call.clock.now());
    if (roundTripMs !== undefined) this.#line.carrier.notePath(roundTripMs);
    this.#releaseWhenAnswered();
    return isOwn;
  }

  readonly heard: HandOver = (samples, timestampMs, sequenceNumber) => {
    if (!this.isClosed) this.#given.handOver(samples, timestampMs, sequenceNumber);
  };

  after(data: RawData, isBinary: boolean): void {
    const nowMs = this.#call.clock.now();
    if (this.#given.message === data) {
      this.#frameAtMs = nowMs;
      this.#waiting.addGiven(this.#given, nowMs);
      this.#given.over();
      if (this.#line.isPlacingMark) this.#waiting.take();
      return;
    }
    this.#given.over();
    this.#waiting.take();
    if (isBinary) this.#bad('bad_message');
    else this.#messageHeard(data, nowMs);
  }

  #messageHeard(data: RawData, nowMs: number): void {
    if (data instanceof Uint8Array && this.#scanner.read(data)) {
      if (this.#scanner.isForeign) this.#bad('bad_message');
      // A stream of both tracks repeats what the caller hears: no frame of theirs, and no mistake.
      else if (this.#scanner.isInbound) this.#line.hear(this.#scanner, this.#scanner.audio, nowMs);
      return;
    }
    const message = readStreamMessage(textOf(data));
    if (!message || this.#isForeign(message)) {
      this.#bad('bad_message');
      return;
    }
    if (message.event === 'stop') this.#streamOver(nowMs);
    const isHeard = message.event === 'media' && message.isInbound;
    if (isHeard) this.#line.hear(message, Buffer.from(message.payload, 'base64'), nowMs);
  }

  /** A message of another stream, or of the beginning of one: this stream has begun long ago. */
  #isForeign({ event, streamSid }: StreamMessage): boolean {
    const known = this.#call.streamSid;
    return event === 'start' || (known !== '' && streamSid !== undefined && streamSid !== known);
  }

  sending(text: string): Sending | undefined {
    const sentAtMs = this.#call.clock.now();
    if (looksLikeFrameText(text) && !this.#turns.mayWantProbe) {
      this.#waiting.add(text, sentAtMs);
      return undefined;
    }
    this.#waiting.take();
    return this.#messageSent(text, sentAtMs);
  }

  #messageSent(text: string, sentAtMs: number): Sending | undefined {
    if (this.#scanner.readText(text)) return this.#mediaSent(text, this.#scanner.audio, sentAtMs);
    const message = readStreamMessage(text);
    if (!message) return undefined;
    if (message.event === 'mark') this.#markSent(message.name, sentAtMs);
    if (message.event === 'clear') return this.#clearSent(text, sentAtMs);
    if (message.event === 'media') return this.#mediaSent(text, Buffer.from(message.payload, 'base64'), sentAtMs);
    return undefined;
  }

  closed(code: number): void {
    this.#waiting.take();
    this.#closeCode = code;
    this.#streamOver(this.#call.clock.now());
    this.close();
    this.#seam.release();
  }

  #streamOver(nowMs: number): void {
    this.#streamEndedAtMs ??= nowMs;
    this.#alarm.close();
  }

  failed(error: unknown): void {
    this.#tools.problems.report('media_tap_failed', this.#call.context, error);
  }

  #mediaSent(text: string, audio: Buffer, sentAtMs: number): Sending | undefined {
    if (audio.length === 0) {
      this.#bad('bad_media_sent');
      return undefined;
    }
    const record = this.#turns.speaking;
    const { playout } = this.#line;
    const freeAtMs = playout.idleFromMs;
    const wantsProbe = this.#options.probeMarks && record !== undefined && this.#turns.wantsProbe(record);
    const written = this.#line.write(audio, record?.turn.index, sentAtMs);
    if (record) this.#turns.wrote(record, written, { sentAtMs, freeAtMs });
    if (!wantsProbe || written.audibleByte < 0) return undefined;
    const pos = written.fromPos + written.audibleFrameEnd / BYTES_PER_MS;
    const name = this.#outstanding.nextProbe();
    this.#line.mark(name, { turnIndex: record.turn.index, sentAtMs, probe: 'reply', pos });
    this.#turns.markSent(record);
    return splitMedia(text, audio, { at: written.audibleFrameEnd, markName: name });
  }

  #markSent(name: string, sentAtMs: number): void {
    const record = this.#turns.speaking;
    this.#line.mark(name, { turnIndex: record?.turn.index, sentAtMs });
    this.#turns.markSent(record);
  }

  #clearSent(text: string, sentAtMs: number): Sending | undefined {
    const turnIndex = this.#turns.cleared(sentAtMs, this.#line.silentAfterClearMs(sentAtMs));
    this.#line.clear(sentAtMs);
    if (!this.#options.probeMarks) return undefined;
    const name = this.#outstanding.nextProbe();
    this.#line.mark(name, { turnIndex, sentAtMs, probe: 'clear' });
    return { followBy: markText(parseObject(text)?.streamSid, name) };
  }

  /** The way there and back without any mark: what a mark takes longer, it waited. */
  #sendPing(nowMs: number): void {
    if (this.#options.probeMarks) this.#outstanding.ping(nowMs, (text) => this.#seam.ping(text));
  }

  #tick(nowMs: number): void {
    // A stream that is over is silent, and nobody waits.
    const isDeadAirDue = this.#streamEndedAtMs === undefined && this.#deadAir.isDue(nowMs);
    const isStill = nowMs - this.#frameAtMs > STALL_MS;
    if (isDeadAirDue || isStill || nowMs - this.#waiting.sinceMs >= this.#options.lookEveryMs) this.#waiting.take();
    this.#sendPing(nowMs);
    this.#line.tick(nowMs);
    if (isDeadAirDue) this.#deadAir.tick(nowMs);
    if (this.#line.envelope.isFull(nowMs)) this.#recordEnvelope(this.#call.context, nowMs);
    if (this.#streamEndedAtMs !== undefined || !isStill || this.#line.stalledFor(nowMs) === 0) return;
    if (nowMs - this.#stallToldAtMs < STALL_EVENT_EVERY_MS) return;
    this.#stallToldAtMs = nowMs;
    this.#call.addEvent(SpanEvent.mediaStalled);
  }

  #callEnding(endedAtMs: number): void {
    const silentFromMs = Math.min(endedAtMs, this.#streamEndedAtMs ?? endedAtMs);
    const place = { call: this.#call, instruments: this.#tools.instruments, closeCode: this.#closeCode };
    try {
      this.#line.close(silentFromMs);
      this.#deadAir.close(silentFromMs);
      this.#recordEnvelope(this.#call.context, endedAtMs);
      recordLedger(this.#line, place);
    } finally {
      this.close();
    }
  }

  #recordEnvelope(context: Context, endedAtMs: number): void {
    const { now, wallTimeOf } = this.#call.clock;
    const body = this.#line.takeEnvelope(Math.min(endedAtMs, now()), wallTimeOf);
    if (body !== undefined) emitRecord({ event: LogEvent.envelope, severity: 'info', body, context });
  }

  #bad(kind: string): void {
    this.#line.badMessages += 1;
    this.#tools.problems.report(kind, this.#call.context);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.failed(error);
    }
  }
}
