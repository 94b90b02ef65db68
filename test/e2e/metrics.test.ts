import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Metric, type MetricDescriptor, StandardMetric } from 'callspan/conventions';
import { scrapedName } from '../../otel/src/conventions/signals/prometheus-names.ts';
import { type MetricsReceiver, startMetricsReceiver } from '../helpers/metrics-receiver.ts';
import { type RunningSet, startSet } from '../helpers/running-set.ts';

const run = promisify(execFile);
const DESCRIPTORS: readonly MetricDescriptor[] = [...Object.values(Metric), ...Object.values(StandardMetric)];

/** What a healthy set on SQLite cannot have, with the reason. */
const NOT_HERE: Readonly<Record<string, string>> = {
  'db.client.connection.count': 'instrumentation-pg: the records are on SQLite',
};

let receiver: MetricsReceiver;
let set: RunningSet;
let scraped = '';
beforeAll(async () => {
  receiver = await startMetricsReceiver();
  set = await startSet(['--speed', '3', '--no-call', '--only', 'records,openai,bot,caller'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
  await set.said('Callspan is running');
  await Promise.all(['appointment-fr', 'interrupts', 'silent-caller'].map(placeCall));
  scraped = await (await fetch(`${set.address('BOT_METRICS_PORT')}/metrics`)).text();
  await set.interrupt();
}, 120_000);
afterAll(async () => {
  await set.cleanUp();
  receiver.close();
});

function placeCall(script: string): Promise<unknown> {
  const args = ['--conditions=source', 'services/caller/cli.ts', '--script', script, '--json'];
  return run(process.execPath, args, { env: set.env });
}

const byName = new Map(DESCRIPTORS.map((descriptor) => [descriptor.name, descriptor]));

test('every metric of the contract that a set on SQLite can know is sent, and no other', () => {
  const sent = new Set(receiver.points().map(({ name }) => name));
  expect(DESCRIPTORS.map(({ name }) => name).filter((name) => !sent.has(name))).toEqual(Object.keys(NOT_HERE));
  expect([...sent].filter((name) => !byName.has(name))).toEqual([]);
});

test('each is sent with its unit, its kind, no label but its own, and at most 200 sets of them', () => {
  const wrong = receiver.points().filter(({ name, unit, type, labels }) => {
    const descriptor = byName.get(name);
    const expected = descriptor?.kind === 'counter' || descriptor?.kind === 'updown' ? 'sum' : descriptor?.kind;
    const isForeign = Object.keys(labels).some((label) => !descriptor?.labels.includes(label));
    return descriptor?.unit !== unit || expected !== type || isForeign;
  });
  expect(wrong).toEqual([]);
  const sets = Map.groupBy(receiver.points(), ({ service, name }) => `${service} ${name}`);
  expect([...sets].filter(([, points]) => points.length > 200)).toEqual([]);
});

test('every histogram has the bounds of the contract, by OTLP and scraped', () => {
  const histograms = receiver.points().filter(({ type }) => type === 'histogram');
  expect(histograms.filter(({ name, bounds }) => String(bounds) !== String(byName.get(name)?.buckets))).toEqual([]);
  const ofBot = new Set(histograms.filter(({ service }) => service === 'bot').map(({ name }) => name));
  expect(ofBot.size).toBeGreaterThan(8);
  for (const name of ofBot) {
    const found = scraped.matchAll(new RegExp(`^${name.replaceAll('.', '_')}_bucket\\{[^}]*le="([^"+]+)"`, 'gm'));
    expect([name, [...new Set([...found].map((match) => Number(match[1])))]]).toEqual([
      name,
      byName.get(name)?.buckets,
    ]);
  }
});

test('the scrape of the bot has what the bot sends, under the documented names', () => {
  const families = new Set([...scraped.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]));
  const ofBot = new Set(
    receiver
      .points()
      .filter(({ service }) => service === 'bot')
      .map(({ name }) => name),
  );
  const missing = [...ofBot].filter((name) => {
    const descriptor = byName.get(name);
    return descriptor && !families.has(scrapedName(descriptor));
  });
  expect(missing).toEqual([]);
});

test('the figures are those of the calls', () => {
  const sum = (name: string) => receiver.points(name).reduce((total, { value }) => total + value, 0);
  expect(sum('voice.call.count')).toBe(3);
  expect(sum('voice.call.active')).toBe(0);
  expect(sum('callspan.websocket.active')).toBe(0);
  expect(receiver.points('voice.save.count').find(({ labels }) => labels.outcome === 'dead')?.value).toBe(0);
  expect(receiver.points('voice.outbox.pending').map(({ value }) => value)).toEqual([0]);
  const up = receiver.points('callspan.dependency.up').map(({ labels, value }) => [labels.dependency, value]);
  expect(up).toEqual(
    expect.arrayContaining([
      ['records', 1],
      ['openai.reply', 1],
      ['openai.transcription', 1],
      ['openai.synthesis', 1],
    ]),
  );
  const inserts = receiver.points('db.client.operation.duration').filter(({ service }) => service === 'records');
  expect(inserts.map(({ labels }) => labels['db.operation.name'])).toContain('INSERT');
});
