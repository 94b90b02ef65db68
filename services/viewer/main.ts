import { announceService, createLogger } from 'callspan';
import { readViewerConfig, type ViewerConfig } from './config.ts';
import { startViewer } from './start.ts';

/** What is not closed within this many milliseconds is cut off. */
const STOP_DEADLINE_MS = 2500;

const config = await orExit(() => readViewerConfig());
await orExit(buildPage);
const viewer = await orExit(() => startViewer(config), config);
const service = await orExit(() =>
  announceService({
    logger: createLogger({ context: 'Bootstrap' }),
    message: `viewer on ${viewer.url}, OTLP on ${viewer.otlpUrl}`,
  }),
);
process.send?.({ type: 'ready', url: viewer.url });

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
  service.stopping();
  await viewer.close();
  process.exit(0);
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
// The set that started this process is gone: so is its way of stopping it.
process.on('disconnect', () => void stop());

/** Builds the page when it is missing or older than its sources. */
async function buildPage(): Promise<void> {
  const page = await import('./page/build.ts');
  try {
    await page.buildPage();
  } catch (cause) {
    throw new Error(`the page does not build: ${firstLine(cause)}`, { cause });
  }
}

async function orExit<T>(run: () => T | Promise<T>, config?: ViewerConfig): Promise<T> {
  try {
    return await run();
  } catch (error) {
    process.stderr.write(`viewer: ${explain(error, config)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown, config?: ViewerConfig): string {
  const { code, port, address } = error as { code?: unknown; port?: unknown; address?: unknown };
  const prefix = port === config?.telemetry.port ? 'VIEWER_OTLP' : 'VIEWER';
  if (code === 'EADDRINUSE') return `port ${port} is in use: stop what holds it, or set ${prefix}_PORT`;
  if (code === 'EACCES' && port !== undefined) return `port ${port} is not allowed: set ${prefix}_PORT`;
  if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine: set VIEWER_HOST`;
  return `${firstLine(error)}${config ? ' (see CALLSPAN_DATA_DIR)' : ''}`;
}

function firstLine(error: unknown): string {
  return String((error as { message?: unknown } | null)?.message ?? error).split('\n', 1)[0] ?? '';
}
