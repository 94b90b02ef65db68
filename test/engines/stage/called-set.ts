import { startLineSet } from './line-set.ts';

/** Calls keep the pace of people: limits are real ones. */
const SPEED = 1;

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
  const set = await startLineSet(otlpUrl, SPEED);
  let isOver = false;
  const keepCalling = async (line: number, script: string) => {
    await new Promise((resolve) => setTimeout(resolve, line * BETWEEN_LINES_MS));
    while (!isOver) await set.order('TWILIO_SIM_PORT', '/calls', { script, wait: true });
  };
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
      await set.order('STANDIN_PORT', '/control', { route: 'chat', fault: 'slow', match: 'reply', latencyMs });
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
