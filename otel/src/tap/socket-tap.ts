import type { Context } from '@opentelemetry/api';
import type { RawData, WebSocket } from 'ws';
import type { CallTrace, KitTools } from '../call/call.ts';
import type { OpenTurn } from '../call/observer.ts';
import { LogEvent, Metric, SpanEvent } from '../conventions/index.ts';
import { DeadAir } from '../gap/dead-air.ts';
import { createDeadAirSpans } from '../gap/dead-air-spans.ts';
import { createTurnSpans } from '../gap/turn-spans.ts';
import { TurnWatch } from '../gap/turn-watch.ts';
import { WaitAlarm } from '../gap/wait-alarm.ts';
import { emitRecord } from '../logs/kit-log.ts';
import { ledgerOf, type MediaLedger, recordLedger } from '../media/ledger.ts';
import type { Mark } from '../media/mark-ledger.ts';
import { MediaLine } from '../media/media-line.ts';
import { MediaScanner } from '../media/media-scanner.ts';
import { parseObject, readStreamMessage, type StreamMessage } from '../media/messages.ts';
import { BYTES_PER_MS } from '../media/mulaw.ts';
import type { Passage } from '../media/passages.ts';
import type { SpeechRun } from '../media/speech-runs.ts';
import { Outstanding } from './outstanding.ts';
import { hasMark, markText, splitMedia, textOf } from './probe-marks.ts';
import { type Sending, type SocketSeam, type SocketWatcher, watchSocket } from './socket-seam.ts';
import type { CheckedTapOptions } from './tap-options.ts';
import { guardGeneratedAudio, guardVoiceActivity } from './user-callbacks.ts';

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
  readonly #heard: MediaScanner;
  readonly #said: MediaScanner;
  /** The message that `#heard` has read: its bytes are read once. */
  #scanned: RawData | undefined;
  readonly #timer: NodeJS.Timeout;
  #stallToldAtMs = Number.NEGATIVE_INFINITY;
  #closeCode: number | undefined;
  #streamEndedAtMs: number | undefined;
  #isClosed = false;

  constructor(
    tools: KitTools,
    call: CallTrace,
    { socket, options }: { socket: WebSocket; options: CheckedTapOptions },
  ) {
    this.#tools = tools;
    this.#call = call;
    this.#options = options;
    const startedAtMs = call.clock.now();
    this.#heard = new MediaScanner(call.streamSid);
    this.#said = new MediaScanner(call.streamSid);
    const { mediaRate: rate, deadAirMs } = options;
    const onFailure = (error: unknown) => this.failed(error);
    const vad = guardVoiceActivity(options.createVoiceActivity(), onFailure);
    const generatedAudioMs = guardGeneratedAudio(options.generatedAudioMs, onFailure);
    this.#line = new MediaLine({ rate, vad, startedAtMs }, this.#listener());
    const onTurnEnd = (turn: OpenTurn, endedAtMs: number) => this.#recordEnvelope(turn.context, endedAtMs);
    this.#alarm = new WaitAlarm(tools, call.clock.now);
    const report = createTurnSpans({ call, tools, generatedAudioMs, onTurnEnd });
    this.#turns = new TurnWatch(this.#line, report, this.#alarm);
    const limitMs = deadAirMs / rate;
    this.#deadAir = new DeadAir(
      { limitMs, startedAtMs },
      { since: (ms) => this.#line.soundsSince(ms) },
      createDeadAirSpans(call, tools),
    );
    call.observe(this.#turns);
    call.observe(this.#deadAir);
    call.observe({ callEnding: (endedAtMs) => this.#callEnding(endedAtMs) });
    this.#seam = watchSocket(socket, this);
    this.#guard(() => this.#sendPing(startedAtMs));
    this.#timer = setInterval(() => this.#guard(() => this.#tick(call.clock.now())), TICK_MS).unref();
  }

  get ledger(): MediaLedger {
    return ledgerOf(this.#line);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#alarm.close();
    this.#seam.close();
    this.#releaseWhenAnswered();
  }

  /** An echo or a pong that is still on its way must not reach the bot. */
  #releaseWhenAnswered(): void {
    if (this.#isClosed && this.#outstanding.isEmpty) this.#seam.release();
  }

  before(data: RawData, isBinary: boolean): boolean {
    const isFrame = !isBinary && data instanceof Uint8Array && this.#heard.read(data);
    this.#scanned = isFrame ? data : undefined;
    if (isFrame || isBinary || !hasMark(data)) return false;
    const message = readStreamMessage(textOf(data));
    if (message?.event !== 'mark') return false;
    const isProbe = this.#outstanding.probeBack(message.name);
    const mark = this.#line.markBack(message.name, message.sequence, this.#call.clock.now());
    this.#releaseWhenAnswered();
    if (!mark && isProbe && !this.#isClosed) this.#tools.problems.report('mark_unknown', this.#call.context);
    return isProbe;
  }

  ponged(data: Buffer): boolean {
    const { isOwn, roundTripMs } = this.#outstanding.pongBack(String(data), this.#call.clock.now());
    if (roundTripMs !== undefined) this.#line.carrier.notePath(roundTripMs);
    this.#releaseWhenAnswered();
    return isOwn;
  }

  after(data: RawData, isBinary: boolean): void {
    const nowMs = this.#call.clock.now();
    const isFrame = this.#scanned === data;
    this.#scanned = undefined;
    if (isFrame) {
      if (this.#heard.isForeign || !this.#heard.isInbound) this.#bad('bad_message');
      else this.#hear(this.#heard, this.#heard.audio, nowMs);
      return;
    }
    const message = isBinary ? undefined : readStreamMessage(textOf(data));
    if (!message || this.#isForeign(message) || (message.event === 'media' && !message.isInbound)) {
      this.#bad('bad_message');
      return;
    }
    if (message.event === 'stop') this.#streamOver(nowMs);
    if (message.event === 'media') this.#hear(message, Buffer.from(message.payload, 'base64'), nowMs);
  }

  #hear(frame: { readonly sequence: number; readonly timestampMs: number }, audio: Uint8Array, nowMs: number): void {
    const bad = this.#line.badMessages;
    const { clockJumps } = this.#line.inbound;
    this.#line.hear(frame, audio, nowMs);
    if (this.#line.badMessages > bad) this.#tools.problems.report('bad_frame', this.#call.context);
    if (this.#line.inbound.clockJumps > clockJumps)
      this.#tools.problems.report('media_clock_jumped', this.#call.context);
  }

  /** A message of another stream, or of the beginning of one: this stream has begun long ago. */
  #isForeign({ event, streamSid }: StreamMessage): boolean {
    return event === 'start' || (streamSid !== undefined && streamSid !== this.#call.streamSid);
  }

  sending(text: string): Sending | undefined {
    if (this.#said.readText(text)) return this.#mediaSent(text, this.#said.audio, this.#call.clock.now());
    const message = readStreamMessage(text);
    if (!message) return undefined;
    const sentAtMs = this.#call.clock.now();
    if (message.event === 'mark') this.#markSent(message.name, sentAtMs);
    if (message.event === 'clear') return this.#clearSent(text, sentAtMs);
    if (message.event === 'media') return this.#mediaSent(text, Buffer.from(message.payload, 'base64'), sentAtMs);
    return undefined;
  }

  closed(code: number): void {
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

  #listener() {
    const { instruments } = this.#tools;
    return {
      speechBegan: (run: SpeechRun) => this.#turns.speechBegan(run, this.#call.clock.now()),
      markBack: (mark: Mark, backAtMs: number, delayMs: number) => {
        this.#turns.markBack(mark, backAtMs);
        if (!mark.wasCleared) instruments.record(Metric.markAckDelay, Math.max(0, delayMs) / 1000);
      },
      markPassed: (mark: Mark, passage: Passage) => this.#turns.markPassed(mark, passage),
      markMissed: () => {
        instruments.record(Metric.markMissed, 1);
        this.#tools.problems.report('mark_missed', this.#call.context);
      },
      jitter: (jitterMs: number) => instruments.record(Metric.mediaJitter, jitterMs / 1000),
    };
  }

  /** The way there and back without any mark: what a mark takes longer, it waited. */
  #sendPing(nowMs: number): void {
    if (this.#options.probeMarks) this.#outstanding.ping(nowMs, (text) => this.#seam.ping(text));
  }

  #tick(nowMs: number): void {
    this.#sendPing(nowMs);
    this.#line.tick(nowMs);
    this.#deadAir.tick(nowMs);
    if (this.#line.envelope.isFull(nowMs)) this.#recordEnvelope(this.#call.context, nowMs);
    if (this.#streamEndedAtMs !== undefined || this.#line.stalledFor(nowMs) === 0) return;
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
