import { announceService, createLogger } from 'callspan';
import { readStandinConfig, type StandinConfig } from './config.ts';
import { startStandin } from './start.ts';

const config = await orExit(() => readStandinConfig());
const standin = await orExit(() => startStandin(config), config);
const service = await orExit(() =>
  announceService({
    logger: createLogger({ context: 'Bootstrap' }),
    message: `stand-in models on ${standin.url}/v1 (latencies: ${config.profile})`,
  }),
);
process.send?.({ type: 'ready', url: standin.url });

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  service.stopping();
  await standin.close();
  process.exit(0);
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
// The set that started this process is gone: so is its way of stopping it.
process.on('disconnect', () => void stop());

async function orExit<T>(run: () => T | Promise<T>, config?: StandinConfig): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    const inUse =
      code === 'EADDRINUSE' ? `port ${config?.port} is in use: stop what holds it, or set STANDIN_PORT` : null;
    const denied = code === 'EACCES' ? `port ${config?.port} is not allowed: set STANDIN_PORT` : null;
    process.stderr.write(`openai: ${inUse ?? denied ?? String(message).split('\n', 1)[0]}\n`);
    process.exit(1);
  }
}
