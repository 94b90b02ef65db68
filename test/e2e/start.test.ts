import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../helpers/browser.ts';
import { childrenOf, isAlive, type RunningSet, startSet } from '../helpers/running-set.ts';

const run = promisify(execFile);

type CallJson = {
  readonly callSid: string;
  readonly traceId: string;
  readonly outcome: string;
  readonly turns: readonly {
    readonly saidByCaller: string;
    readonly transcribed: string;
    readonly heardFromBot: string;
    readonly trueWaitMs: number | null;
  }[];
  readonly record: Readonly<Record<string, unknown>>;
};
type TempoSpan = {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
};
type TempoTrace = {
  readonly trace: {
    readonly resourceSpans: readonly {
      readonly resource: { readonly attributes: readonly { key: string; value: { stringValue?: string } }[] };
      readonly scopeSpans: readonly { readonly spans: readonly Omit<TempoSpan, 'service'>[] }[];
    }[];
  };
};

let set: RunningSet;
let browser: Browser | null;
let french: CallJson;
let english: CallJson;
beforeAll(async () => {
  set = await startSet(['--speed', '3', '--no-call']);
  [browser] = await Promise.all([startBrowser(), set.said('Callspan is running')]);
  [french, english] = await Promise.all([placeCall('appointment-fr'), placeCall('appointment-en')]);
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await set.cleanUp();
});

async function placeCall(script: string): Promise<CallJson> {
  const { stdout } = await run(
    process.execPath,
    ['--conditions=source', 'services/caller/cli.ts', '--script', script, '--json'],
    { env: set.env },
  );
  return JSON.parse(stdout) as CallJson;
}

async function fetchSpans(traceId: string): Promise<TempoSpan[]> {
  const response = await fetch(`${set.address('VIEWER_PORT')}/tempo/api/v2/traces/${traceId}`);
  const { trace } = (await response.json()) as TempoTrace;
  return trace.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find((attribute) => attribute.key === 'service.name')?.value.stringValue ?? '';
    return scopeSpans.flatMap((scoped) => scoped.spans.map((span) => ({ ...span, service })));
  });
}

async function visit(path: string, look: (page: Page) => Promise<void>): Promise<void> {
  if (!browser) return;
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(set.address('VIEWER_PORT') + path);
  await look(page);
  await context.close();
}

test('a call from the command line is understood word by word and saved', async () => {
  const call = french;
  expect(call.outcome).toBe('saved');
  expect(call.turns.map((turn) => turn.transcribed)).toEqual(call.turns.map((turn) => turn.saidByCaller));
  expect(call.turns.every((turn) => (turn.trueWaitMs ?? 0) > 0)).toBe(true);
  const saved = await fetch(`${set.address('RECORDS_PORT')}/records/${call.record.id}`);
  expect(await saved.json()).toEqual(call.record);
});

test('the call is one trace, from the webhook to the database row, with every parent present', async () => {
  const call = english;
  const spans = await fetchSpans(call.traceId);
  const ids = new Set(spans.map((span) => span.spanId));
  expect(spans.filter((span) => !span.parentSpanId).map((span) => span.name)).toEqual(['POST /voice']);
  expect(spans.filter((span) => span.parentSpanId && !ids.has(span.parentSpanId))).toEqual([]);
  expect(new Set(spans.map((span) => span.service))).toEqual(new Set(['bot', 'records']));
  const names = spans.map((span) => span.name);
  for (const start of ['speech_to_text', 'chat', 'text_to_speech']) {
    expect(names.filter((name) => name.startsWith(start)).length).toBeGreaterThanOrEqual(call.turns.length);
  }
  expect(names).toEqual(
    expect.arrayContaining(['execute_tool save_record', 'POST /records', 'INSERT records', 'POST /status']),
  );
});

test('the page shows a call while it goes on, opens it, and shows its stages', async () => {
  await visit('/', async (page) => {
    const placed = await fetch(`${set.address('TWILIO_SIM_PORT')}/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ script: 'appointment-fr' }),
    });
    const { callSid } = (await placed.json()) as { callSid: string };
    const link = page.locator(`a[href*="${callSid}"]`).first();
    await link.waitFor({ timeout: 10_000 });
    await page.getByText('live', { exact: true }).first().waitFor({ timeout: 10_000 });
    await link.click();
    await page.getByText('Live:').first().waitFor({ timeout: 10_000 });
    await fetch(`${set.address('TWILIO_SIM_PORT')}/calls/${callSid}?wait=true`);
    await page.getByText('record saved').first().waitFor({ timeout: 10_000 });
    await page.getByText('turn 3').first().click();
    await page.keyboard.press('ArrowRight');
    await page.getByText('transcribing').filter({ visible: true }).first().waitFor({ timeout: 10_000 });
    await page.getByText('saving the record').filter({ visible: true }).first().waitFor({ timeout: 10_000 });
  });
}, 60_000);

test('health checks and scrapes leave no span', async () => {
  await Promise.all(
    ['RECORDS_PORT', 'BOT_METRICS_PORT'].map((port) => fetch(`${set.address(port as 'RECORDS_PORT')}/healthz`)),
  );
  await placeCall('hang-up-early');
  const search = new URL('/tempo/api/search', set.address('VIEWER_PORT'));
  search.searchParams.set('q', '{ name =~ ".*healthz.*" || span.url.path = "/healthz" }');
  const { traces } = (await (await fetch(search)).json()) as { traces?: unknown[] };
  expect(traces ?? []).toEqual([]);
}, 40_000);

test('a second set on the same ports is told which port is in the way, and by whom', async () => {
  const failed = await run(process.execPath, ['--conditions=source', 'services/start.ts'], { env: set.env }).catch(
    (error: { code: number; stderr: string }) => error,
  );
  expect(failed).toMatchObject({ code: 1 });
  expect((failed as { stderr: string }).stderr).toMatch(
    /^in use: ports \d+ \(viewer\) by another Callspan's viewer \(pid \d+\), .+; stop that, or set VIEWER_PORT, .+ to free ports\n$/,
  );
});

test('Ctrl-C stops everything within five seconds and leaves no process', async () => {
  const children = await childrenOf(set.process.pid ?? 0);
  expect(children).toHaveLength(5);
  const { code, tookMs } = await set.interrupt();
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(5000);
  expect(children.filter(isAlive)).toEqual([]);
}, 20_000);

describe('other ways to start', () => {
  let other: RunningSet | undefined;
  afterEach(() => other?.cleanUp());

  test('OTEL_EXPORTER_OTLP_ENDPOINT sends the telemetry there instead', async () => {
    const received: string[] = [];
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push(`${request.url} ${Buffer.concat(chunks)}`);
        response.setHeader('content-type', 'application/json');
        response.end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    other = await startSet(['--speed', '3', '--no-call', '--only', 'records,openai,bot,caller'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    });
    await other.said(`telemetry goes to ${endpoint}`);
    await run(
      process.execPath,
      ['--conditions=source', 'services/caller/cli.ts', '--script', 'hang-up-early', '--json'],
      { env: other.env },
    );
    await other.interrupt();
    receiver.close();
    receiver.closeAllConnections();
    expect(received.some((request) => request.startsWith('/v1/traces') && request.includes('"voice.call"'))).toBe(true);
    expect(received.some((request) => request.startsWith('/v1/pending'))).toBe(false);
  }, 40_000);

  test('Ctrl-C while everything is still starting stops it too', async () => {
    other = await startSet(['--no-call']);
    while ((await childrenOf(other.process.pid ?? 0)).length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    const children = await childrenOf(other.process.pid ?? 0);
    expect(await other.interrupt()).toMatchObject({ code: 0 });
    expect(children.filter(isAlive)).toEqual([]);
  }, 40_000);

  test('a process that dies is named, with its last lines, and ends the rest', async () => {
    other = await startSet(['--no-call', '--only', 'records,openai']);
    await other.said('Callspan is running');
    const children = await childrenOf(other.process.pid ?? 0);
    process.kill(children[0] ?? 0, 'SIGKILL');
    const [code] = (await once(other.process, 'close')) as [number];
    expect(code).toBe(1);
    expect(other.output()).toContain('records ended (SIGKILL)');
    expect(children.filter(isAlive)).toEqual([]);
  }, 40_000);

  test.each([
    [['--speed', 'fast'], {}, '--speed must be a number from 0.1 to 100, not "fast"'],
    [['--only', 'bots'], {}, '--only knows no service "bots": choose from viewer, records, openai, bot, caller'],
    [['--wrong'], {}, "Unknown option '--wrong'"],
    [[], { CALLSPAN_MODELS: 'openai' }, 'the simulated line speaks a modem that only the stand-in models hear'],
    [[], { PUBLIC_BASE_URL: 'https://bot.example.com' }, 'a real line (PUBLIC_BASE_URL) needs real models'],
    [
      [],
      { PUBLIC_BASE_URL: 'https://bot.example.com', CALLSPAN_MODELS: 'openai', TWILIO_ACCOUNT_SID: 'AC1' },
      'a real line needs TWILIO_AUTH_TOKEN: set it, or TWILIO_AUTH_TOKEN_FILE to a file that holds it',
    ],
  ])('npm start -- %j with %j is refused with one line', async (args, env, line) => {
    other = await startSet(args, env as Record<string, string>);
    const [code] = (await once(other.process, 'close')) as [number];
    expect(code).toBe(1);
    expect(other.output().trim().split('\n')).toHaveLength(1);
    expect(other.output()).toContain(line);
  });
});
