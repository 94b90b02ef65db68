import { announceService, createLogger, shutdownTelemetry } from 'callspan';
import { type RecordsConfig, readRecordsConfig } from './config.ts';
import { startRecords } from './start.ts';

/** What is not closed within this many milliseconds is cut off. */
const STOP_DEADLINE_MS = 2800;

const config = await orExit(() => readRecordsConfig());
const records = await orExit(() => startRecords(config), config);
const service = await orExit(() =>
  announceService({
    logger: createLogger({ context: 'Bootstrap' }),
    message: `records on ${records.url} (${records.database})`,
  }),
);
process.send?.({ type: 'ready', url: records.url });

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
  service.stopping();
  await records.close();
  await shutdownTelemetry();
  process.exit(0);
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
// The set that started this process is gone: so is its way of stopping it.
process.on('disconnect', () => void stop());

async function orExit<T>(run: () => T | Promise<T>, config?: RecordsConfig): Promise<T> {
  try {
    return await run();
  } catch (error) {
    process.stderr.write(`records: ${explain(error, config)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown, config?: RecordsConfig): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'EADDRINUSE') return `port ${config?.port} is in use: stop what holds it, or set RECORDS_PORT`;
  if (code === 'EACCES' && config && config.port < 1024) return `port ${config.port} is not allowed: set RECORDS_PORT`;
  if (code === 'EADDRNOTAVAIL') return `${config?.host} is not an address of this machine: set RECORDS_HOST`;
  const hint = config?.databaseUrl === undefined ? 'see CALLSPAN_DATA_DIR' : 'start Postgres, or see DATABASE_URL';
  return `${String(message).split('\n', 1)[0]}${config ? ` (${hint})` : ''}`;
}
