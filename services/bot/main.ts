import { announceService, createLogger, shutdownTelemetry } from 'callspan';
import { type BotConfig, readBotConfig } from './config.ts';
import { startBot } from './start.ts';

/** What is not closed within this many milliseconds is cut off. */
const STOP_DEADLINE_MS = 2600;

const config = await orExit(() => readBotConfig());
const bot = await orExit(() => startBot(config), config);
const service = await orExit(() =>
  announceService({
    logger: createLogger({ context: 'Bootstrap' }),
    message: `bot on ${bot.url}`,
    fields: { operations: bot.operationsUrl, capture: config.capture },
    openCalls: () => bot.calls.size,
  }),
);

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
  service.stopping();
  await bot.close();
  await shutdownTelemetry();
  process.exit(0);
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
// A terminal that is closed sends the same signal, and then the bot has to end with it.
process.on('SIGHUP', () => (process.stdin.isTTY ? void stop() : bot.reloadLimits()));
// The set that started this process is gone: so is its way of stopping it.
process.on('disconnect', () => void stop());
// After the signals have their handlers: whoever hears it may send one at once.
process.send?.({ type: 'ready', url: bot.url });

async function orExit<T>(run: () => T | Promise<T>, known?: BotConfig): Promise<T> {
  try {
    return await run();
  } catch (error) {
    process.stderr.write(`bot: ${explain(error, known)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown, known?: BotConfig): string {
  const { code, port, message } = error as { code?: unknown; port?: unknown; message?: unknown };
  const variable = port === known?.operationsPort ? 'BOT_METRICS_PORT' : 'BOT_PORT';
  if (code === 'EADDRINUSE') return `port ${port} is in use: stop what holds it, or set ${variable}`;
  if (code === 'EADDRNOTAVAIL') return `${known?.host} is not an address of this machine: set BOT_HOST`;
  return String(message).split('\n', 1)[0] ?? 'could not start';
}
