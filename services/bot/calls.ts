import {
  type Callspan,
  type CallTrace,
  type ContentRecorder,
  hashCaller,
  type Logger,
  type MediaTap,
  tapMediaStream,
} from 'callspan';
import { Attr, LogEvent } from 'callspan/conventions';
import type { WebSocket } from 'ws';
import type { StartMessage } from './adapters/twilio/media-messages.ts';
import { type Introduction, type MediaHandlers, serveMediaStream } from './adapters/twilio/media-socket.ts';
import type { StreamTicket, StreamTokens } from './adapters/twilio/stream-token.ts';
import { TOKEN_PARAMETER } from './adapters/twilio/twiml.ts';
import type { VoiceActivityFactory } from './adapters/vad/fvad.ts';
import { type SharedVoiceActivity, shareVoiceActivity } from './adapters/vad/shared-decisions.ts';
import { type Conversation, startConversation } from './domain/conversation.ts';
import type { ConversationDeps } from './domain/deps.ts';
import { languageOfNumber } from './domain/language.ts';
import type { CallLine, EndReason, Language } from './domain/ports.ts';
import { TraceListener } from './tracing/trace-listener.ts';
import type { GeneratedAudio } from './tracing/trace-ports.ts';

const REMEMBERED_CALLS = 2000;

/** What every call of this process shares. */
export type CallsOptions = {
  readonly callspan: Callspan;
  readonly logger: Logger;
  readonly recordContent: ContentRecorder;
  readonly conversation: ConversationDeps;
  readonly generatedAudioMs: GeneratedAudio;
  readonly tokens: StreamTokens;
  readonly createVad: VoiceActivityFactory;
  readonly language: Language;
  readonly hmacKey: string;
  /** A silence longer than this, in milliseconds of the caller's time, is told; each call takes what is in force when it starts. */
  readonly limits: { readonly deadAirMs: number };
};

/** The calls that are going on. */
export type Calls = {
  readonly size: number;
  /** True for a call that was served and is over: what is announced under its id again is a replay. */
  hasEnded(callSid: string): boolean;
  /** Serves a media stream that has passed the upgrade. */
  serve(socket: WebSocket): void;
  /** Ends every call and resolves when all of them have wrapped up. */
  endAll(reason: EndReason): Promise<void>;
};

/** Ties the line, the conversation and the trace of each call together. */
export function createCalls(options: CallsOptions): Calls {
  const open = new Map<string, Conversation>();
  const ended = new Set<string>();
  return {
    get size() {
      return open.size;
    },
    hasEnded: (callSid) => ended.has(callSid),
    serve(socket) {
      const context = { ...options, open, ended };
      serveMediaStream(socket, {
        introduce: (start) => introduce({ start, socket }, context),
        neverStarted: () => void refuse('no_start', undefined, context),
      });
    },
    async endAll(reason) {
      const ending = [...open.values()];
      for (const conversation of ending) conversation.end(reason);
      await Promise.all(ending.map((conversation) => conversation.done));
    },
  };
}

type Context = CallsOptions & { readonly open: Map<string, Conversation>; readonly ended: Set<string> };

type Opening = { readonly start: StartMessage; readonly socket: WebSocket };

function introduce({ start, socket }: Opening, context: Context): Introduction {
  const { callSid, accountSid, customParameters, mediaFormat } = start.start;
  const { encoding, sampleRate, channels } = mediaFormat;
  if (encoding !== 'audio/x-mulaw' || sampleRate !== 8000 || channels !== 1)
    return refuse('media_format', undefined, context);
  const check = context.tokens.redeem(customParameters[TOKEN_PARAMETER], { callSid, accountSid });
  if (!check.ok) return refuse(check.reason, check.ticket, context);
  if (context.open.has(callSid)) return refuse('already_streaming', check.ticket, context);
  return { accept: (line) => accept({ start, socket, line, ticket: check.ticket }, context) };
}

function refuse(reason: string, ticket: StreamTicket | undefined, { callspan, logger }: Context): Introduction {
  const attributes = ticket ? { [Attr.conversationId]: ticket.callSid, [Attr.callSid]: ticket.callSid } : {};
  callspan.recordRejectedStream({ reason, attributes, traceparent: ticket?.traceparent ?? null });
  logger.warn('media stream refused', { event: LogEvent.callRejected, reason });
  return { refuse: reason };
}

function remember(ended: Set<string>, callSid: string): void {
  ended.add(callSid);
  const oldest = ended.values().next().value;
  if (ended.size > REMEMBERED_CALLS && oldest !== undefined) ended.delete(oldest);
}

type Accepted = Opening & {
  readonly line: CallLine;
  readonly ticket: StreamTicket;
};

type Tapped = { readonly call: CallTrace; readonly socket: WebSocket; readonly vad: SharedVoiceActivity };

function tapLine({ call, socket, vad }: Tapped, context: Context): MediaTap {
  const { callspan, conversation, generatedAudioMs, limits } = context;
  return tapMediaStream(callspan, call, socket, {
    createVoiceActivity: vad.second,
    mediaRate: conversation.clock.speed,
    deadAirMs: limits.deadAirMs,
    generatedAudioMs: (turnIndex) => generatedAudioMs({ callSid: call.callSid, turnIndex }),
  });
}

function accept({ start, socket, line, ticket }: Accepted, context: Context): MediaHandlers {
  const { callspan, logger, recordContent, conversation: deps, open } = context;
  const { callSid, accountSid } = start.start;
  const language = languageOfNumber(ticket.from, context.language);
  const callerHash = hashCaller(ticket.from, context.hmacKey);
  const call = callspan.startCall({
    callSid,
    accountSid,
    streamSid: start.streamSid,
    traceparent: ticket.traceparent,
    language,
    callerHash,
    agentName: 'callspan-bot',
  });
  // Before the greeting: its first sound is measured, too.
  const vad = shareVoiceActivity(context.createVad());
  const tap = tapLine({ call, socket, vad }, context);
  const listener = new TraceListener({
    call,
    logger,
    content: recordContent.forCall(call),
    callerHash,
    speed: deps.clock.speed,
    webhookAnsweredAtMs: ticket.issuedAtMs,
  });
  const traceparent = call.traceId === '0'.repeat(32) ? null : ticket.traceparent;
  const traceId = traceparent ? call.traceId : null;
  const conversation = startConversation(deps, {
    callSid,
    traceId,
    traceparent,
    language,
    line,
    vad: vad.first,
    listener,
    bind: (work) => call.bind(work),
  });
  open.set(callSid, conversation);
  void conversation.done.then(() => {
    open.delete(callSid);
    remember(context.ended, callSid);
  });
  return {
    decoded: tap.heard,
    frame: conversation.hear,
    mark: call.bind(conversation.heardMark),
    dtmf: call.bind(conversation.heardDtmf),
    closed: call.bind((how) => conversation.end(how === 'stopped' ? 'caller_hangup' : 'stream_error')),
  };
}
