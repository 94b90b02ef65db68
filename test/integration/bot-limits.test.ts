import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { metrics, trace } from '@opentelemetry/api';
import type { LogFields, Logger } from 'callspan';
import { Attr, LogEvent, Metric, SpanEvent, SpanName } from 'callspan/conventions';
import { readBotConfig } from '../../services/bot/config.ts';
import { startBot } from '../../services/bot/start.ts';
import { readStandinConfig } from '../../services/openai/config.ts';
import { startStandin } from '../../services/openai/start.ts';
import { readRecordsConfig } from '../../services/records/config.ts';
import { startRecords } from '../../services/records/start.ts';
import { generateKitOptions } from '../../thresholds/generate/kit-options.ts';
import { makeThresholds } from '../helpers/made-thresholds.ts';
import { type MetricRecorder, startMetricRecorder } from '../helpers/recorded-metrics.ts';
import { durationMs, type SpanRecorder, startSpanRecorder } from '../helpers/recorded-spans.ts';
import { ACCOUNT_SID, AUTH_TOKEN, SPEED, STREAM_SECRET, type TestBot } from '../helpers/test-bot.ts';
import { startTestCaller } from '../helpers/test-caller.ts';

const folder = mkdtempSync(join(tmpdir(), 'callspan-bot-limits-'));
const SECRETS = {
  OPENAI_API_KEY: 'test',
  TWILIO_AUTH_TOKEN: AUTH_TOKEN,
  TWILIO_ACCOUNT_SID: ACCOUNT_SID,
  CALLSPAN_STREAM_SECRET: STREAM_SECRET,
  CALLSPAN_HMAC_KEY: 'hmac key of the test bot',
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Line = { readonly atMs: number; readonly spanId: string | undefined; readonly fields: LogFields };

describe('a reply that takes longer than its limits', () => {
  /** Both limits of a reply: far from what a busy machine needs for one, and within what the bot waits for. */
  const LIMIT_MS = 1600;
  /** Real milliseconds. */
  const SLOW_MS = 1000;
  const lines: Line[] = [];
  const write = (_text: string, fields: LogFields = {}) =>
    void lines.push({ atMs: performance.now(), spanId: trace.getActiveSpan()?.spanContext().spanId, fields });
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const told = (event: string) =>
    lines.filter(({ fields }) => fields.event === event && fields[Attr.thresholdId] === 'reply');
  let recorder: SpanRecorder;
  let meter: MetricRecorder;
  let record: Readonly<Record<string, unknown>> | null;

  beforeAll(async () => {
    recorder = startSpanRecorder();
    meter = startMetricRecorder();
    trace.setGlobalTracerProvider({ getTracer: () => recorder.tracer });
    metrics.setGlobalMeterProvider({ getMeter: () => meter.meter });
    const common = { CALLSPAN_DATA_DIR: folder, CALLSPAN_SPEED: SPEED };
    const standin = await startStandin(readStandinConfig({ ...common, STANDIN_PORT: '0', STANDIN_PROFILE: 'instant' }));
    const records = await startRecords(readRecordsConfig({ ...common, RECORDS_PORT: '0' }), { logger });
    const config = readBotConfig({
      ...SECRETS,
      ...common,
      BOT_PORT: '0',
      BOT_METRICS_PORT: '0',
      BOT_FILLER_MS: '0',
      OPENAI_BASE_URL: `${standin.url}/v1`,
      RECORDS_URL: records.url,
      CALLSPAN_THRESHOLD_REPLY_WARNING_MS: String(LIMIT_MS),
      CALLSPAN_THRESHOLD_REPLY_CRITICAL_MS: String(LIMIT_MS),
      CALLSPAN_THRESHOLD_DEAD_AIR_WARNING_MS: '1500',
    });
    const bot = await startBot(config, { logger });
    const running: TestBot = { bot, recorder, recordsUrl: records.url, standinUrl: standin.url, close: async () => {} };
    const line = await startTestCaller(running);
    const fault = { route: 'chat', match: 'reply', fault: 'slow', next: 1, latencyMs: SLOW_MS * Number(SPEED) };
    await fetch(`${standin.url}/control`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    ({ record } = await line.call('appointment-en'));
    while (bot.calls.size > 0) await new Promise((resolve) => setImmediate(resolve));
    for (const part of [line, bot, records, standin]) await part.close();
  }, 60_000);
  afterAll(async () => {
    trace.disable();
    metrics.disable();
    await recorder.close();
    await meter.close();
  });

  const slow = () =>
    recorder
      .spans()
      .filter((span) => span.attributes[Attr.stage] === 'reply' && span.attributes[Attr.thresholdLevelOnSpan]);

  test('has it on its span, with the limit and the figure', () => {
    expect(slow()).toHaveLength(1);
    const [span] = slow();
    expect(span?.attributes[Attr.thresholdLevelOnSpan]).toBe('critical');
    const breach = span?.events.find(({ name }) => name === SpanEvent.thresholdBreached);
    expect(breach?.attributes).toMatchObject({
      [Attr.thresholdId]: 'reply',
      [Attr.thresholdLimitMs]: LIMIT_MS / Number(SPEED),
    });
    expect(Number(breach?.attributes?.[Attr.thresholdValueMs])).toBeGreaterThanOrEqual(SLOW_MS);
  });

  test('has it in one log line that is the span’s', () => {
    expect(told(LogEvent.thresholdBreached)).toHaveLength(1);
    expect(told(LogEvent.thresholdBreached)[0]).toMatchObject({
      spanId: slow()[0]?.spanContext().spanId,
      fields: { [Attr.thresholdLevel]: 'critical', [Attr.stage]: 'reply' },
    });
  });

  test('is reported while it runs, before it ends', () => {
    const [stuck] = told(LogEvent.stageStuck);
    const [ended] = told(LogEvent.thresholdBreached);
    expect(stuck?.spanId).toBe(slow()[0]?.spanContext().spanId);
    expect(stuck?.atMs).toBeLessThan(ended?.atMs ?? 0);
    expect(Number(stuck?.fields[Attr.thresholdValueMs])).toBeLessThan(SLOW_MS);
  });

  test('is counted, as passed and as stuck', async () => {
    const breaches = await meter.points(Metric.thresholdBreaches.name);
    expect(breaches.filter(({ labels }) => labels.threshold === 'reply')).toEqual([
      { labels: { threshold: 'reply', level: 'critical', stage: 'reply' }, value: 1 },
    ]);
    expect(await meter.points(Metric.stageStuck.name)).toContainEqual({ labels: { stage: 'reply' }, value: 1 });
  });

  test('is silence on the line, told by the limit for dead air on the media clock', () => {
    const silences = recorder
      .spans()
      .filter(({ name, attributes }) => name === SpanName.deadAir && attributes[Attr.deadAirCause] === 'waiting_llm');
    expect(silences.length).toBeGreaterThanOrEqual(1);
    for (const silence of silences) expect(durationMs(silence)).toBeGreaterThan(1500 / Number(SPEED));
  });

  test('costs the caller no record, and its call says how often it happened', () => {
    const call = recorder.named('voice.call');
    expect(record).toMatchObject({ callSid: call.attributes[Attr.callSid] });
    expect(call.attributes[Attr.callBreachesCritical]).toBeGreaterThanOrEqual(1);
  });
});

describe('a bot that runs', () => {
  const file = join(folder, 'kit-options.json');
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  function spawnBot(env: Record<string, string>): ChildProcess {
    const child = spawn(process.execPath, ['--conditions=source', 'services/bot/main.ts'], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        PATH: process.env.PATH,
        ...SECRETS,
        BOT_PORT: '0',
        BOT_METRICS_PORT: '0',
        CALLSPAN_DATA_DIR: folder,
        CALLSPAN_KIT_OPTIONS_PATH: file,
        OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
        LOG_FORMAT: 'json',
        ...env,
      },
    });
    children.push(child);
    return child;
  }

  test('reads its limits again at SIGHUP, and keeps them where the file is refused', async () => {
    const options = generateKitOptions(makeThresholds());
    writeFileSync(file, JSON.stringify(options));
    const child = spawnBot({});
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const next = async (part: string) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`the bot ended without a line of ${part}`);
        if (String(value).includes(part)) return JSON.parse(String(value)) as { level: unknown; msg: string };
      }
    };
    await once(child, 'message');
    writeFileSync(file, JSON.stringify({ ...options, limits: options.limits.slice(1) }));
    child.kill('SIGHUP');
    expect(await next('limits read again')).toMatchObject({ limits: 3 });
    writeFileSync(file, '{"limits": [');
    child.kill('SIGHUP');
    const refusal = await next('limits not read again');
    expect(JSON.stringify(refusal)).toContain(`the ones before stay in force: ${file} is no file of limits`);
    expect(child.exitCode).toBeNull();
  });

  test('is not started with a variable that no alert could measure', async () => {
    writeFileSync(file, JSON.stringify(generateKitOptions(makeThresholds())));
    const child = spawnBot({ CALLSPAN_THRESHOLD_SAVE_WARNING_MS: '1234' });
    const said = child.stderr!.toArray().then((chunks) => Buffer.concat(chunks).toString());
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await said).toMatch(
      /^bot: CALLSPAN_THRESHOLD_SAVE_WARNING_MS=1234: no bound .* nearest are 1200 and 1400, .*\n$/,
    );
  });
});
