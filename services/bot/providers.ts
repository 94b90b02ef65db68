import { context } from '@opentelemetry/api';
import { type Callspan, createTracedFetch, type RealtimePurpose, traceRealtimeSocket } from 'callspan';
import { Metric } from 'callspan/conventions';
import type { Clock } from '../line/clock.ts';
import { encodeMulaw } from '../line/mulaw.ts';
import { createOpenAiClient } from './adapters/openai/client.ts';
import { createExtractor } from './adapters/openai/extractor.ts';
import { createReplyModel } from './adapters/openai/reply-model.ts';
import { createSynthesizer } from './adapters/openai/synthesizer.ts';
import { createTranscriber } from './adapters/openai/transcriber.ts';
import { type Connect, connectPlain } from './adapters/openai-realtime/connect.ts';
import { createLiveTranscriber } from './adapters/openai-realtime/live-transcriber.ts';
import { createRealtimeSynthesizer } from './adapters/openai-realtime/speech-synthesizer.ts';
import { createRecordingFiles } from './adapters/phrase-cache/recording-files.ts';
import { startRetrieval } from './adapters/retrieval/retrieval-thread.ts';
import type { BotConfig } from './config.ts';
import type { ConversationDeps, ConversationSettings } from './domain/deps.ts';
import { createPhraseBook, type LookUp, PREPARING, playRecordings } from './domain/phrase-book.ts';
import type { CallResources, Synthesizer } from './domain/ports.ts';
import {
  type GeneratedAudio,
  traceExtractor,
  traceLiveTranscriber,
  traceReplyModel,
  traceRetriever,
  traceSynthesizer,
  traceTranscriber,
} from './tracing/trace-ports.ts';

const PROVIDER = 'openai';
/** What retrieval looks things up in, as spans name it. */
const CORPUS = 'corpus';
const STALL_MS = 750;
const NO_SPEECH_MS = 6000;
const NO_MEDIA_MS = 10_000;
/** Limits of one attempt until its headers; the budgets over all attempts are in the domain. */
const ATTEMPT_TIMEOUT_MS = { transcription: 2500, reply: 2500, extraction: 4000, synthesis: 1500 };

/** Where somebody may look on. */
export type ProviderHooks = {
  /** Told whether a fixed phrase that is spoken had a recording. */
  readonly onPhraseLookUp?: (result: LookUp) => void;
  /** Open the sockets to Realtime models in place of the plain client. */
  readonly connectTranscription?: Connect;
  readonly connectSynthesis?: Connect;
};

type Parts = ProviderHooks & {
  readonly callspan: Callspan;
  readonly clock: Clock;
  readonly outbox: ConversationDeps['outbox'];
};

/** What conversations need from outside, and its end. */
export type Providers = {
  readonly deps: ConversationDeps;
  readonly generatedAudioMs: GeneratedAudio;
  /** Makes the recordings of the fixed phrases. Never rejects. */
  prepare(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** Each port with its vendor behind it and the kit around it. @throws when the corpus can not be read */
export async function startProviders(config: BotConfig, parts: Parts): Promise<Providers> {
  const { callspan, clock, outbox } = parts;
  const retrieval = config.corpusFolder === undefined ? undefined : await startRetrieval(config.corpusFolder);
  const models = createModels(config, callspan);
  const realtime = createRealtimePorts(config, parts);
  const { synthesis } = config;
  const store = createRecordingFiles({ folder: config.phraseFolder, voiced: synthesis });
  const synthesizer = realtime.synthesizer ?? models.synthesizer;
  const phraseBook = createPhraseBook({ synthesizer, encode: encodeMulaw, store });
  const countLookUp = (result: LookUp) =>
    callspan.tools.instruments.record(Metric.cacheRequests, 1, { cache: 'phrases', result });
  const recorded = playRecordings(synthesizer, phraseBook, parts.onPhraseLookUp ?? countLookUp);
  const speech = traceSynthesizer(callspan, recorded, { ...identity(synthesis.model), voice: synthesis.voice });
  return {
    deps: {
      clock,
      wallClock: Date.now,
      ...models,
      liveTranscriber: realtime.liveTranscriber,
      synthesizer: speech.synthesizer,
      retriever: retrieval && traceRetriever(callspan, retrieval.port, CORPUS),
      outbox,
      phraseBook,
      callResources: {
        open: realtime.resources.open,
        release(callSid) {
          realtime.resources.release(callSid);
          speech.forget(callSid);
        },
      },
      settings: createSettings(config),
    },
    generatedAudioMs: speech.generatedAudioMs,
    async prepare(signal) {
      await phraseBook.prepare(signal);
      realtime.resources.release(PREPARING);
    },
    async close() {
      realtime.close();
      await retrieval?.close();
    },
  };
}

/** The adapters that keep a socket a call, as far as they are configured. */
function createRealtimePorts(config: BotConfig, parts: Parts) {
  const { callspan, clock } = parts;
  const connectTranscription = parts.connectTranscription ?? tracedConnect(callspan, 'transcription');
  const connectSynthesis = parts.connectSynthesis ?? tracedConnect(callspan, 'speech');
  const { liveTranscription, synthesis, openAiKey: apiKey } = config;
  const live =
    liveTranscription && createLiveTranscriber({ ...liveTranscription, apiKey, clock, connect: connectTranscription });
  const voice =
    synthesis.over === 'realtime'
      ? createRealtimeSynthesizer({ ...synthesis, apiKey, clock, connect: connectSynthesis })
      : undefined;
  const kept = [live, voice].filter((adapter) => adapter !== undefined);
  const resources: CallResources = {
    open(callSid) {
      for (const adapter of kept) adapter.resources.open(callSid);
    },
    release(callSid) {
      for (const adapter of kept) adapter.resources.release(callSid);
    },
  };
  return {
    liveTranscriber:
      live && liveTranscription && traceLiveTranscriber(callspan, live.port, identity(liveTranscription.model)),
    synthesizer: voice?.port,
    resources,
    close() {
      for (const adapter of kept) adapter.close();
    },
  };
}

/** Opens sockets that the kit watches, in the context of the call they are for. */
function tracedConnect(callspan: Callspan, purpose: RealtimePurpose): Connect {
  return (url, headers, callSid) => {
    const call = callspan.findCall(callSid);
    const socket = context.with(call?.context ?? context.active(), () => connectPlain(url, headers, callSid));
    traceRealtimeSocket(callspan, call, socket, { provider: PROVIDER, purpose });
    return socket;
  };
}

const identity = (model: string) => ({ provider: PROVIDER, model });

type Models = Pick<ConversationDeps, 'transcriber' | 'replyModel' | 'extractor'> & {
  readonly synthesizer: Synthesizer;
};

function createModels(config: BotConfig, callspan: Callspan): Models {
  const tracedFetch = createTracedFetch(fetch, { callspan });
  const client = (at: { readonly baseUrl: string; readonly model: string }, timeoutMs: number) =>
    createOpenAiClient({ ...at, apiKey: config.openAiKey, timeoutMs: timeoutMs / config.speed }, tracedFetch);
  const { transcription, reply, synthesis } = config;
  return {
    transcriber: traceTranscriber(
      callspan,
      createTranscriber(client(transcription, ATTEMPT_TIMEOUT_MS.transcription), transcription.model),
      identity(transcription.model),
    ),
    replyModel: traceReplyModel(
      callspan,
      createReplyModel(client(reply, ATTEMPT_TIMEOUT_MS.reply), reply.model),
      identity(reply.model),
    ),
    extractor: traceExtractor(
      callspan,
      createExtractor(client(reply, ATTEMPT_TIMEOUT_MS.extraction), reply.model),
      identity(reply.model),
    ),
    synthesizer: createSynthesizer(client(synthesis, ATTEMPT_TIMEOUT_MS.synthesis), synthesis.model, synthesis.voice),
  };
}

function createSettings(config: BotConfig): ConversationSettings {
  return {
    businessName: config.businessName,
    timeZone: config.timeZone,
    endSilenceMs: config.endSilenceMs,
    fillerMs: config.fillerMs,
    // A machine's hiccups do not get shorter when the clock runs faster.
    stallMs: Math.max(STALL_MS, STALL_MS * 0.5 * config.speed),
    noSpeechMs: NO_SPEECH_MS,
    maxCallMs: config.maxCallMs,
    noMediaMs: NO_MEDIA_MS,
  };
}
