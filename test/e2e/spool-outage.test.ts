import { type FaultSink, startFaultSink } from '../helpers/fault-sink.ts';
import { createTrafficStage, type TrafficStage } from '../helpers/spool-process.ts';

/** Ten minutes of traffic at 50 spans a second, forty times as fast; the process is killed in the middle. */
const HALF = 15_000;
const PER_SECOND = 2000;
/** Spans that ended less than this before the kill are not promised. */
const PROMISE_MS = 200;
const DRAIN_WITHIN_MS = 60_000;

const stages: TrafficStage[] = [];
const sinks: FaultSink[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) stage.close();
  await Promise.all(sinks.splice(0).map((sink) => sink.close()));
});

/** The whole story with one exporter. @returns what a table says about it */
async function liveThrough(spool: 'on' | 'off') {
  const stage = createTrafficStage();
  stages.push(stage);
  const receiver = await startFaultSink();
  const { url, port } = receiver;
  await receiver.close();
  const env = { CALLSPAN_SPOOL: spool };
  const first = await stage.start(url, env);
  await first.tell(`make ${HALF} ${PER_SECOND}`);
  const killedAtMs = await first.kill();
  const beforeKill = stage.made();
  const second = await stage.start(url, env);
  await second.tell(`make ${HALF} ${PER_SECOND}`);
  const sink = await startFaultSink(port);
  sinks.push(sink);
  const backAtMs = Date.now();
  const all = stage.made();
  const promised = all.filter(
    ({ endedAtMs }, index) => index >= beforeKill.length || killedAtMs - endedAtMs > PROMISE_MS,
  );
  const { spanIds } = sink;
  const hasAll = () => promised.every(({ spanId }) => spanIds.has(spanId));
  // The stock exporter sends what it still has in order: behind this one nothing comes any more.
  await second.tell('make 1 100');
  const last = stage.made().at(-1)?.spanId ?? '';
  // What has not come by then is in the table, and fails the test.
  await sink.until(spool === 'on' ? hasAll : () => spanIds.has(last), DRAIN_WITHIN_MS).catch(() => undefined);
  const drainedMs = Date.now() - backAtMs;
  const lost = promised.filter(({ spanId }) => !spanIds.has(spanId)).length;
  const row = { made: all.length, promised: promised.length, arrived: spanIds.size, lost, drainedMs };
  await second.kill();
  return row;
}

test('a receiver away for ten minutes of traffic and a kill -9 in between lose no span; the stock exporter loses about half', async () => {
  const [spool, stock] = await Promise.all([liveThrough('on'), liveThrough('off')]);
  const line = (name: string, row: typeof spool) =>
    `| ${name} | ${row.made} | ${row.promised} | ${row.lost} | ${((100 * row.lost) / row.promised).toFixed(1)} % | ${(row.drainedMs / 1000).toFixed(1)} s |`;
  process.stdout.write(
    [
      '| exporter | spans | promised | lost | share | drained in |',
      line('spool', spool),
      line('stock', stock),
      '',
    ].join('\n'),
  );
  expect(spool.lost).toBe(0);
  expect(spool.promised).toBeGreaterThan(2 * HALF - PER_SECOND);
  expect(spool.drainedMs).toBeLessThanOrEqual(DRAIN_WITHIN_MS);
  expect(stock.lost).toBeGreaterThan(HALF - PER_SECOND);
  expect(stock.lost).toBeLessThan(HALF + PER_SECOND);
}, 180_000);
