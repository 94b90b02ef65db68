import { announceService, createLogger } from 'callspan';
import { type CallerConfig, readCallerConfig } from './config.ts';
import { keepCalling } from './keep-calling.ts';
import { startCaller } from './start.ts';

const STOP_DEADLINE_MS = 2800;

const config = await orExit(() => readCallerConfig());
const caller = await orExit(() => startCaller(config), config);
const service = await orExit(() =>
  announceService({
    logger: createLogger({ context: 'Bootstrap' }),
    message: `simulated Twilio on ${caller.url}`,
  }),
);
process.send?.({ type: 'ready', url: caller.url });
const stopCalling = keepCalling(caller.url, config.callsPerMinute);

let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
  stopCalling();
  service.stopping();
  await caller.close();
  process.exit(0);
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
// The set that started this process is gone: so is its way of stopping it.
process.on('disconnect', () => void stop());

async function orExit<T>(run: () => T | Promise<T>, known?: CallerConfig): Promise<T> {
  try {
    return await run();
  } catch (error) {
    process.stderr.write(`caller: ${explain(error, known)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown, known?: CallerConfig): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'EADDRINUSE') return `port ${known?.port} is in use: stop what holds it, or set TWILIO_SIM_PORT`;
  if (code === 'EACCES') return `port ${known?.port} is not allowed: set TWILIO_SIM_PORT`;
  return String(message).split('\n', 1)[0] ?? 'cannot start';
}
