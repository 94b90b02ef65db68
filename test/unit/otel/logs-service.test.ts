import { announceService, type ServiceAnnouncement } from '../../../otel/src/logs/announce-service.ts';
import { createLogger } from '../../../otel/src/logs/logger.ts';
import type { TelemetryPlace } from '../../../otel/src/logs/telemetry-places.ts';
import { watchLoopDelay } from '../../../otel/src/metrics/event-loop.ts';

type Line = Record<string, unknown> & { readonly event?: string; readonly msg: string };
let lines: Line[];
let waiting: (() => void)[];
beforeEach(() => {
  lines = [];
  waiting = [];
});
const logger = createLogger({
  context: 'Bootstrap',
  destination: {
    write(json) {
      lines.push(JSON.parse(json) as Line);
      for (const look of waiting) look();
    },
  },
});
/** Resolves with the first line of an event. */
const told = (event: string): Promise<Line> =>
  new Promise((resolve) => {
    const look = () => {
      const line = lines.find((candidate) => candidate.event === event);
      if (line) resolve(line);
    };
    waiting.push(look);
    look();
  });

const place = (ask: () => Promise<void>): TelemetryPlace => ({
  origin: 'http://127.0.0.1:4318',
  signals: ['traces', 'logs'],
  ask,
});
const announce = (parts: Partial<ServiceAnnouncement>) =>
  announceService({ logger, message: 'bot on http://127.0.0.1:3000', places: async () => [], ...parts });

test('the line of the start says where each signal and the log files go', async () => {
  const service = announce({ fields: { capture: 'off' }, places: async () => [place(async () => undefined)] });
  const started = await told('service.started');
  service.stopping();
  expect(started).toMatchObject({
    msg: 'bot on http://127.0.0.1:3000',
    context: 'Bootstrap',
    capture: 'off',
    traces: 'http://127.0.0.1:4318',
    logs: 'http://127.0.0.1:4318',
    metrics: 'off',
    log_files: 'off',
  });
});

test('one line says that telemetry arrives', async () => {
  const service = announce({ places: async () => [place(async () => undefined)] });
  expect(await told('dependency.up')).toMatchObject({
    level: 30,
    msg: 'traces and logs arrive at http://127.0.0.1:4318',
    dependency: 'telemetry',
  });
  service.stopping();
  expect(lines.map(({ event }) => event)).toEqual(['service.started', 'dependency.up', 'service.stopping']);
});

test('a receiver that comes up a little later is no failure', async () => {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    if (asked < 3) throw new Error('ECONNREFUSED');
  };
  const service = announce({
    places: async () => [place(ask)],
    asking: { patienceMs: 60_000, againMs: 0, laterMs: 0 },
  });
  await told('dependency.up');
  service.stopping();
  expect(lines.filter(({ event }) => event === 'dependency.down')).toEqual([]);
});

test('a receiver that stays away is told once, and once more when it is there', async () => {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    if (asked < 5) throw new Error('ECONNREFUSED');
  };
  const service = announce({ places: async () => [place(ask)], asking: { patienceMs: 0, againMs: 0, laterMs: 0 } });
  await told('dependency.up');
  service.stopping();
  expect(lines.filter(({ event }) => event === 'dependency.down').map(({ level, msg }) => [level, msg])).toEqual([
    [50, 'traces and logs do not arrive at http://127.0.0.1:4318: ECONNREFUSED'],
  ]);
});

test('nobody is asked any more when the service has stopped', async () => {
  let asked = 0;
  const first = Promise.withResolvers<void>();
  const ask = async () => {
    asked += 1;
    first.resolve();
    throw new Error('ECONNREFUSED');
  };
  const service = announce({ places: async () => [place(ask)], asking: { patienceMs: 0, againMs: 0, laterMs: 0 } });
  await first.promise;
  service.stopping();
  const before = asked;
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve));
  expect(asked).toBe(before);
});

test('the heartbeat tells open calls, memory, event loop and uptime, until the service stops', async () => {
  const service = announce({ openCalls: () => 3, heartbeatMs: 1 });
  expect(await told('service.heartbeat')).toMatchObject({
    open_calls: 3,
    rss_mb: expect.any(Number),
    event_loop_delay_p99_ms: expect.any(Number),
    uptime_s: expect.any(Number),
  });
  service.stopping();
  const before = lines.length;
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve));
  expect(lines).toHaveLength(before);
});

test('the delay of the heartbeat is that of the event loop, without the interval of the monitor', async () => {
  const looks = [50.3e6, 50.3e6, 62.5e6];
  const monitor = {
    ...{ count: 3, min: 0, max: 0, mean: 0, stddev: 0, percentile: () => looks.at(-1) ?? 0 },
    reset: () => void looks.pop(),
    disable: () => looks.splice(0),
  };
  const service = announce({ heartbeatMs: 1, loopDelay: watchLoopDelay(monitor) });
  expect(await told('service.heartbeat')).toMatchObject({ event_loop_delay_p99_ms: 12.5 });
  lines.length = 0;
  expect(await told('service.heartbeat')).toMatchObject({ event_loop_delay_p99_ms: 0.3 });
  service.stopping();
  expect(looks).toEqual([]);
});

test('a service starts also where nothing can be said of its telemetry', async () => {
  const service = announce({
    places: async () => {
      throw new TypeError('OTEL_EXPORTER_OTLP_ENDPOINT');
    },
  });
  expect(await told('service.started')).toMatchObject({ msg: 'bot on http://127.0.0.1:3000' });
  service.stopping();
});
