import type { EventEmitter } from 'node:events';
import { type Context, context as contextApi } from '@opentelemetry/api';
import type { CallTrace, KitTools } from '../call/call.ts';
import { callRefOf } from '../call/call-context.ts';
import { Attr, ErrorType } from '../conventions/index.ts';
import { parseObject, textAt } from './answer-facts.ts';
import type { ModelKit } from './model-span.ts';
import { type RealtimeParts, type RealtimePurpose, startOperation } from './realtime-operation.ts';
import { createResponses, type Responses } from './realtime-responses.ts';
import { createRealtimeSession } from './realtime-session.ts';
import { createTranscriptions, type Transcriptions } from './realtime-transcriptions.ts';
import { modelFailure } from './request-failure.ts';
import { watchSafely } from './watch-safely.ts';

/** A client socket of the `ws` package, as far as it is watched. */
export type RealtimeSocket = EventEmitter & {
  readonly url?: string;
  send: (...parameters: never[]) => void;
};

/** What a traced socket is and does. */
export type RealtimeOptions = {
  /** `gen_ai.provider.name` */
  readonly provider: string;
  /** `speech`: responses are `text_to_speech`. Default `conversation`: they are `chat`. */
  readonly purpose?: RealtimePurpose;
  /** Where work belongs that the provider starts by its own ear, for example the turn going on. Default the call. */
  readonly contextOf?: () => Context;
};

/** Close codes of a socket that somebody meant to close (RFC 6455, section 7.4.1; 1005: none was given). */
const MEANT = new Set([1000, 1001, 1005]);

/** Who traces a socket: the last one that asked to. */
const traces = new WeakMap<RealtimeSocket, symbol>();

/** Somebody traces this socket already. */
export function isRealtimeTraced(socket: RealtimeSocket): boolean {
  return traces.has(socket);
}

/** Sockets by call and purpose: how many there were, and how many are open. */
const sockets = new WeakMap<object, Map<RealtimePurpose, { all: number; open: number; reconnects: number }>>();

/**
 * Watches a socket to an OpenAI-compatible Realtime API (one call, opened with the `ws` package): transcriptions from
 * commit to final transcript, responses from their request until they are done. When a model call is active where the
 * message was sent, its span is written on; else each gets a CLIENT span of its own. Messages pass unaltered, and
 * listeners that are added from now on run in the call's context. Call it again for the socket of a reconnect; of
 * one socket the last call counts.
 */
export function traceRealtimeSocket(
  callspan: { readonly tools: ModelKit & Partial<Pick<KitTools, 'isOff'>> },
  call: CallTrace | undefined,
  socket: RealtimeSocket,
  options: RealtimeOptions,
): void {
  if (callspan.tools.isOff) return;
  call?.bind(socket);
  const parts = createParts(
    { kit: callspan.tools, call, options, reconnects: countSocket(call, socket, options) },
    socket,
  );
  const work = { parts, transcriptions: createTranscriptions(parts), responses: createResponses(parts) };
  const { send } = socket;
  const mine = Symbol('trace');
  traces.set(socket, mine);
  const watch = (work: () => void) => watchSafely(() => traces.get(socket) === mine && work());
  socket.send = (...parameters: never[]) => {
    const atMs = parts.now();
    send.apply(socket, parameters);
    watch(() => sent(work, parameters[0], atMs));
  };
  socket.prependListener('message', (data: unknown, isBinary?: boolean) => {
    if (!isBinary) watch(() => received(work, textOf(data)));
  });
  socket.on('close', (code: number) => watch(() => closed(work, code)));
}

type Work = {
  readonly parts: RealtimeParts;
  readonly transcriptions: Transcriptions;
  readonly responses: Responses;
};

type Setting = {
  readonly kit: ModelKit;
  readonly call: CallTrace | undefined;
  readonly options: RealtimeOptions;
  readonly reconnects: number;
};

function createParts({ kit, call, options, reconnects }: Setting, socket: RealtimeSocket): RealtimeParts {
  const session = createRealtimeSession(socket.url);
  const { provider, purpose = 'conversation' } = options;
  const now = call?.clock.now ?? (() => performance.now());
  const home = () => options.contextOf?.() ?? call?.context ?? contextApi.active();
  /** The context in which the app sent a message, when that is one of this call, or of any where it is not known of which. */
  const sender = () => {
    const active = contextApi.active();
    const callSid = callRefOf(active)?.callSid;
    return (call ? callSid === call.callSid : callSid || !options.contextOf) ? active : home();
  };
  return {
    session,
    purpose,
    reconnects,
    transcribes: () => purpose === 'transcription' || session.transcriptionModel !== undefined,
    now,
    start({ startedAtMs, ...request }) {
      const context = startedAtMs === undefined ? home() : sender();
      return startOperation(kit, { ...request, provider, startedAtMs: startedAtMs ?? now() }, context);
    },
  };
}

function countSocket(
  call: CallTrace | undefined,
  socket: RealtimeSocket,
  { purpose = 'conversation' }: RealtimeOptions,
) {
  if (!call) return 0;
  const counts = sockets.get(call) ?? new Map();
  sockets.set(call, counts);
  const count = counts.get(purpose) ?? { all: 0, open: 0, reconnects: 0 };
  counts.set(purpose, count);
  if (count.all > 0 && count.open === 0) count.reconnects += 1;
  count.all += 1;
  count.open += 1;
  socket.once('close', () => {
    count.open -= 1;
  });
  return count.reconnects;
}

const APPEND = 'input_audio_buffer.append';
const AUDIO_DELTAS = new Set(['response.output_audio.delta', 'response.audio.delta']);
const TYPE = /"type"\s*:\s*"([^"]+)"/;
const AUDIO = /"(?:audio|delta)"\s*:\s*"([A-Za-z0-9+/=]*)"/;
const RESPONSE_ID = /"response_id"\s*:\s*"([^"]+)"/;

/** The type as the first one of the text: the events of both sides begin with it, or with an id. */
function typeOf(text: string): string | undefined {
  return TYPE.exec(text.slice(0, 500))?.[1];
}

function sent({ parts, transcriptions, responses }: Work, data: unknown, atMs: number): void {
  const text = textOf(data);
  // Audio is most of what is sent: it is measured, not parsed.
  const audio = typeOf(text) === APPEND ? AUDIO.exec(text)?.[1] : undefined;
  const event = audio === undefined ? parseObject(text) : { type: APPEND, audio };
  const type = textAt(event, 'type');
  if (!event || !type) return;
  if (type === APPEND) transcriptions.appended(textAt(event, 'audio') ?? '');
  if (type === 'session.update' || type === 'transcription_session.update') parts.session.read(event);
  if (type === 'input_audio_buffer.clear') transcriptions.cleared();
  if (type === 'input_audio_buffer.commit') transcriptions.committed(textAt(event, 'event_id'), atMs);
  if (type === 'response.create') responses.created(event, atMs);
}

function received({ parts, transcriptions, responses }: Work, text: string): void {
  const head = typeOf(text) ?? '';
  const audio = AUDIO_DELTAS.has(head) ? AUDIO.exec(text)?.[1] : undefined;
  const responseId = audio === undefined ? undefined : RESPONSE_ID.exec(text)?.[1];
  const event =
    audio === undefined || !responseId ? parseObject(text) : { type: head, response_id: responseId, delta: audio };
  const type = textAt(event, 'type');
  if (!event || !type) return;
  if (type === 'session.created' || type === 'session.updated') parts.session.read(event);
  if (AUDIO_DELTAS.has(type)) responses.audio(textAt(event, 'response_id') ?? '', textAt(event, 'delta') ?? '');
  if (type === 'error' && !transcriptions.refused(event)) responses.refused(event);
  transcriptions.received(type, event);
  responses.received(type, event);
}

function closed({ transcriptions, responses }: Work, code: number): void {
  for (const operation of [...transcriptions.open, ...responses.open]) {
    operation.call.setAttributes({ [Attr.closeCode]: code });
    if (MEANT.has(code)) operation.cancel();
    else operation.fail(modelFailure(ErrorType.websocket, `closed with ${code}`));
  }
}

function textOf(data: unknown): string {
  if (typeof data === 'string') return data;
  if (Array.isArray(data)) return Buffer.concat(data as Buffer[]).toString('utf8');
  if (data instanceof ArrayBuffer) return Buffer.from(data).toString('utf8');
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8') : '';
}
