import { setTimeout as delay } from 'node:timers/promises';
import { type Callspan, createCallspan, createContentRecorder, createLogger, type Logger } from 'callspan';
import { createClock } from '../line/clock.ts';
import { createStreamTokens } from './adapters/twilio/stream-token.ts';
import { loadVoiceActivity } from './adapters/vad/fvad.ts';
import { type Calls, createCalls } from './calls.ts';
import type { BotConfig } from './config.ts';
import { type RunningLimits, runLimits } from './limits.ts';
import { startOperations } from './operations.ts';
import { startOutbox } from './outbox.ts';
import { type ProviderHooks, startProviders } from './providers.ts';
import { openPublicDoor } from './public-door.ts';

/** At a stop, wrapping up may take so long (milliseconds): a supervisor kills soon after. */
const WRAP_UP_AT_STOP_MS = 1500;

/** Said by the bot itself. */
const PRODUCT = 'Callspan';

/** A running bot. */
export type Bot = {
  /** The public listener. */
  readonly url: string;
  readonly operationsUrl: string;
  readonly calls: Calls;
  /** Resolves when each fixed phrase has a recording, or was asked for once; never rejects. */
  readonly prepared: Promise<void>;
  /** Takes the limits from their file again; a refused file changes nothing and is told in one line. */
  reloadLimits(): void;
  /** Ends every call, wraps up, closes every listener. */
  close(): Promise<void>;
};

type Tools = { readonly logger: Logger; readonly limits: RunningLimits };

/** @throws TypeError naming the row of the prices file that is wrong */
function openCallspan({ prices, carrier }: BotConfig, { logger, limits }: Tools): Callspan {
  const { stages, eventLoopBlocked } = limits;
  return createCallspan({ logger, limits: stages, eventLoopBlocked, carrier, ...(prices ? { prices } : {}) });
}

/**
 * Opens the bot. `callspan` and `logger` replace the process's own (tests).
 * @throws when a port is taken, or outbox or corpus can not be opened
 */
export async function startBot(
  config: BotConfig,
  own: ProviderHooks & { readonly callspan?: Callspan; readonly logger?: Logger } = {},
): Promise<Bot> {
  const logger = own.logger ?? createLogger({ context: 'Bot' });
  const limits = runLimits(config, logger);
  const callspan = own.callspan ?? openCallspan(config, { logger, limits });
  const clock = createClock(config.speed);
  const stop = new AbortController();
  const outbox = await startOutbox({ config, callspan, logger, clock });
  const providers = await startProviders(config, { ...own, callspan, clock, outbox: outbox.port });
  const tokens = createStreamTokens(config.streamSecret);
  const calls = createCalls({
    callspan,
    logger,
    recordContent: createContentRecorder({ capture: config.capture, ownWords: [config.businessName, PRODUCT] }),
    conversation: providers.deps,
    generatedAudioMs: providers.generatedAudioMs,
    tokens,
    createVad: await loadVoiceActivity(),
    language: config.language,
    hmacKey: config.hmacKey,
    limits,
  });
  const draining = () => stop.signal.aborted;
  const door = await openPublicDoor(config, { callspan, logger, tokens, calls, draining });
  const operations = await startOperations(config, { ready: () => !draining() });
  const prepared = providers.prepare(stop.signal);
  const { url: operationsUrl } = operations;
  if (config.capture === 'full') logger.warn('everything that is said is kept as it is: CALLSPAN_CAPTURE is full');
  return {
    url: door.url,
    operationsUrl,
    calls,
    prepared,
    reloadLimits: () => limits.reload(),
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
      await Promise.all([door.close(), operations.close(), outbox.close(), providers.close()]);
    },
  };
}
