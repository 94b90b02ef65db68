import { shutdownTelemetry } from 'callspan';
import { readBotConfig } from './config.ts';
import { startBot } from './start.ts';

try {
  const bot = await startBot(readBotConfig());
  process.send?.({ type: 'ready', url: bot.url });
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await bot.close();
    await shutdownTelemetry();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  process.stderr.write(`bot: ${explain(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): string {
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE')
    return `port ${port} is in use: set BOT_PORT (or BOT_METRICS_PORT) to a free one, or stop what holds it`;
  return error instanceof Error ? error.message : String(error);
}
