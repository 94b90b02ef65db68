import { startSet } from '../../helpers/running-set.ts';
import { TIME_FACTOR } from './time-factor.ts';

/** How often services send their metrics, milliseconds (otel/src/metrics/config.ts). */
const METRICS_EVERY_MS = 15_000;

/** A process that has just started is slow: its first turns must not be those of every caller at once. */
const BETWEEN_LINES_MS = 5000;

/** Bot, records, stand-in models and simulated line, and people who call again and again. */
export type CalledSet = {
  /** Places calls from now on, one after the other on each of so many lines; of many turns unless told. */
  call(lines: number, script?: string): void;
  /** Places no more, and waits until those that go on have ended. */
  rest(): Promise<void>;
  /** Replies of the model come this much later from now on. */
  slowReplies(latencyMs: number): Promise<void>;
  /** Lets the calls end, then the services, which send what they still have. */
  finish(): Promise<void>;
  cleanUp(): Promise<void>;
};

/** @param otlpUrl where its telemetry goes */
export async function startCalledSet(otlpUrl: string): Promise<CalledSet> {
  // Calls keep the pace of people: limits are real ones.
  const args = ['--speed', '1', '--no-call', '--only', 'records,openai,bot,caller'];
  const set = await startSet(args, {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
    OTEL_METRIC_EXPORT_INTERVAL: String(METRICS_EVERY_MS / TIME_FACTOR),
  });
  let isOver = false;
  const post = (url: string, body: object) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const keepCalling = async (line: number, script: string) => {
    await new Promise((resolve) => setTimeout(resolve, line * BETWEEN_LINES_MS));
    while (!isOver) await post(`${set.address('TWILIO_SIM_PORT')}/calls`, { script, wait: true });
  };
  await set.said('Callspan is running');
  let calling: Promise<unknown> = Promise.resolve();
  return {
    call(lines, script = 'many-turns') {
      isOver = false;
      calling = Promise.allSettled(Array.from({ length: lines }, (_, line) => keepCalling(line, script)));
    },
    async rest() {
      isOver = true;
      await calling;
    },
    async slowReplies(latencyMs) {
      const fault = { route: 'chat', fault: 'slow', match: 'reply', latencyMs };
      const answer = await post(`${set.address('STANDIN_PORT')}/control`, fault);
      if (!answer.ok) throw new Error(await answer.text());
    },
    async finish() {
      isOver = true;
      await set.interrupt();
      await calling;
    },
    async cleanUp() {
      isOver = true;
      await set.cleanUp();
      await calling;
    },
  };
}
