import { type RunningSet, startSet } from '../../helpers/running-set.ts';
import { TIME_FACTOR } from './time-factor.ts';

/** How often services send their metrics, milliseconds (otel/src/metrics/config.ts). */
const METRICS_EVERY_MS = 15_000;

/** Which of its services takes an order. */
type Taker = 'TWILIO_SIM_PORT' | 'STANDIN_PORT';

/** Bot, records, stand-in models and simulated line; calls are placed by order. */
export type LineSet = RunningSet & {
  /** @throws Error with the answer's words when the order is refused */
  order(taker: Taker, path: string, order: object): Promise<void>;
};

/**
 * Starts them, their telemetry on its way to `otlpUrl` at the pace of the engines.
 * @param speed how many times faster than people calls are
 * @param env beside that
 */
export async function startLineSet(
  otlpUrl: string,
  speed: number,
  env: Readonly<Record<string, string>> = {},
): Promise<LineSet> {
  const set = await startSet(['--speed', String(speed), '--no-call', '--only', 'records,openai,bot,caller'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
    OTEL_METRIC_EXPORT_INTERVAL: String(METRICS_EVERY_MS / TIME_FACTOR),
    ...env,
  });
  await set.said('Callspan is running');
  return {
    ...set,
    async order(taker, path, order) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${set.address(taker)}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(order),
      });
      if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    },
  };
}
