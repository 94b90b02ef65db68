import { setTimeout as delay } from 'node:timers/promises';
import {
  type Callspan,
  createCallspan,
  createContentRecorder,
  createLogger,
  createTracedFetch,
  type Logger,
} from 'callspan';
import { LogEvent } from 'callspan/conventions';
import { type Clock, createClock } from '../line/clock.ts';
import { encodeMulaw } from '../line/mulaw.ts';
import { createOpenAiClient } from './adapters/openai/client.ts';
import { createExtractor } from './adapters/openai/extractor.ts';
import { createReplyModel } from './adapters/openai/reply-model.ts';
import { createSynthesizer } from './adapters/openai/synthesizer.ts';
import { createTranscriber } from './adapters/openai/transcriber.ts';
import { createStreamTokens } from './adapters/twilio/stream-token.ts';
import { loadVoiceActivity } from './adapters/vad/fvad.ts';
import { type Calls, createCalls } from './calls.ts';
import type { BotConfig } from './config.ts';
import type { ConversationDeps } from './domain/deps.ts';
import { createPhraseBook } from './domain/phrase-book.ts';
import { startOperations } from './operations.ts';
import { startOutbox } from './outbox.ts';
import { openPublicDoor } from './public-door.ts';
import { traceExtractor, traceReplyModel, traceSynthesizer, traceTranscriber } from './tracing/trace-ports.ts';

/** At a stop, wrapping up may take so long (milliseconds): a supervisor kills soon after. */
const WRAP_UP_AT_STOP_MS = 1500;
const STALL_MS = 750;
const NO_SPEECH_MS = 6000;
const NO_MEDIA_MS = 10_000;
/** Limits of one attempt until its headers; the budgets over all attempts are in the domain. */
const ATTEMPT_TIMEOUT_MS = { transcription: 2500, reply: 2500, extraction: 4000, synthesis: 1500 };

/** A running bot. */
export type Bot = {
  /** The public listener. */
  readonly url: string;
  readonly operationsUrl: string;
  readonly calls: Calls;
  /** Ends every call, wraps up, closes every listener. */
  close(): Promise<void>;
};

/** Opens the bot. `callspan` and `logger` replace the process's own (tests). @throws when a port is taken or the outbox can not be opened */
export async function startBot(
  config: BotConfig,
  own: { readonly callspan?: Callspan; readonly logger?: Logger } = {},
): Promise<Bot> {
  const callspan = own.callspan ?? createCallspan();
  const logger = own.logger ?? createLogger({ context: 'Bot' });
  const clock = createClock(config.speed);
  const stop = new AbortController();
  const outbox = await startOutbox({ config, callspan, logger, clock });
  const conversation = createConversationDeps(config, { callspan, clock, outbox: outbox.port });
  const tokens = createStreamTokens(config.streamSecret);
  const calls = createCalls({
    callspan,
    logger,
    recordContent: createContentRecorder(config.capture),
    conversation,
    tokens,
    createVad: await loadVoiceActivity(),
    language: config.language,
    hmacKey: config.hmacKey,
  });
  const draining = () => stop.signal.aborted;
  const door = await openPublicDoor(config, { callspan, logger, tokens, calls, draining });
  const operations = await startOperations(config, { ready: () => !draining() });
  void conversation.phraseBook.prepare(stop.signal);
  const { url: operationsUrl } = operations;
  logger.info('bot started', { event: LogEvent.serviceStarted, url: door.url, operationsUrl, capture: config.capture });
  return {
    url: door.url,
    operationsUrl,
    calls,
    async close() {
      stop.abort();
      // Calls get a moment to wrap up; then their traces are closed as they are.
      const patience = new AbortController();
      await Promise.race([
        calls.endAll('shutdown'),
        delay(WRAP_UP_AT_STOP_MS, undefined, patience).catch(() => undefined),
      ]);
      patience.abort();
      callspan.endAll('shutdown', 'interrupted');
      await Promise.all([door.close(), operations.close(), outbox.close()]);
      logger.info('bot stopped', { event: LogEvent.serviceStopping });
    },
  };
}

type Parts = { readonly callspan: Callspan; readonly clock: Clock; readonly outbox: ConversationDeps['outbox'] };

/** Each port with its vendor behind it and the kit around it. */
function createConversationDeps(config: BotConfig, { callspan, clock, outbox }: Parts): ConversationDeps {
  const tracedFetch = createTracedFetch();
  const client = (at: { readonly baseUrl: string; readonly model: string }, timeoutMs: number) =>
    createOpenAiClient({ ...at, apiKey: config.openAiKey, timeoutMs: timeoutMs / config.speed }, tracedFetch);
  const identity = (model: string) => ({ provider: 'openai', model });
  const { transcription, reply, synthesis } = config;
  const synthesizer = createSynthesizer(
    client(synthesis, ATTEMPT_TIMEOUT_MS.synthesis),
    synthesis.model,
    synthesis.voice,
  );
  return {
    clock,
    wallClock: Date.now,
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
    synthesizer: traceSynthesizer(callspan, synthesizer, { ...identity(synthesis.model), voice: synthesis.voice }),
    outbox,
    phraseBook: createPhraseBook(synthesizer, encodeMulaw),
    settings: {
      businessName: config.businessName,
      timeZone: config.timeZone,
      endSilenceMs: config.endSilenceMs,
      // A machine's hiccups do not get shorter when the clock runs faster.
      stallMs: Math.max(STALL_MS, STALL_MS * 0.5 * config.speed),
      noSpeechMs: NO_SPEECH_MS,
      maxCallMs: config.maxCallMs,
      noMediaMs: NO_MEDIA_MS,
    },
  };
}
