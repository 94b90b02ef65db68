import { readLinePort, readWebhookConfig } from '../config.ts';
import { startCaller } from '../start.ts';
import { hasAccount, isLineRunning } from './line-client.ts';
import type { CommandOptions } from './options.ts';
import { readInput } from './usage-error.ts';

/** A line to place the call through. `tokenFrom` says whose token signs, for people; null: one that was made up. */
export type OpenLine = {
  readonly url: string;
  readonly tokenFrom: string | null;
  close(): Promise<void>;
};

/**
 * The line that npm start runs, for its own bot; for the bot of a webhook the same where it signs as it should, else one in this process.
 * @throws UsageError for a wrong variable, Error of one line when no line runs and no webhook was given.
 */
export async function openLine(options: CommandOptions): Promise<OpenLine> {
  const port = readInput(() => readLinePort());
  const url = `http://127.0.0.1:${port}`;
  const isRunning = await isLineRunning(url);
  if (options.webhook === undefined && !isRunning)
    throw new Error(
      `no simulated line on 127.0.0.1:${port}: run npm start first, set TWILIO_SIM_PORT, or give --webhook URL`,
    );
  const config = readInput(() => readWebhookConfig(options.authToken));
  const running = createRunning(url, config.tokenFrom ?? `the line on 127.0.0.1:${port}`);
  if (options.webhook === undefined) return running;
  const isFitting = isRunning && config.publicBaseUrl === undefined;
  if (isFitting && (config.tokenFrom === null || (await hasAccount(url, config)))) return running;
  const line = await startCaller({ ...config, port: 0 });
  return { ...line, tokenFrom: config.tokenFrom };
}

function createRunning(url: string, tokenFrom: string): OpenLine {
  return { url, tokenFrom, close: async () => undefined };
}
