import { mkdtempSync, rmSync } from 'node:fs';
import { request as startRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRecords } from '../../services/records/start.ts';
import { startTestCaller } from '../helpers/caller.ts';
import { openHarness } from '../helpers/openai-standin.ts';
import { createLineLogger, makeRecordsConfig } from '../helpers/records-api.ts';
import { startTestBot } from '../helpers/test-bot.ts';

type Asked = { readonly status: number; readonly code?: string };
const ask = (url: string, host: string, headers: Record<string, string> = {}) =>
  new Promise<Asked>((resolve, reject) => {
    const request = startRequest(url, { headers: { ...headers, host } });
    request.on('error', reject).end();
    request.on('response', async (response) => {
      const { error } = JSON.parse(Buffer.concat(await response.toArray()).toString());
      resolve({ status: response.statusCode ?? 0, ...(error && { code: error.code }) });
    });
  });

const folder = mkdtempSync(join(tmpdir(), 'callspan-hosts-'));
const closers: (() => Promise<void>)[] = [];
let addresses: Record<string, string>;
const startStore = async (token?: string) => {
  const records = await startRecords({ ...makeRecordsConfig(folder), token }, { logger: createLineLogger([]) });
  closers.push(() => records.close());
  return records.url;
};
beforeAll(async () => {
  const [caller, { standin }] = [await startTestCaller(), await openHarness()];
  closers.push(
    () => caller.close(),
    () => standin.close(),
  );
  const callSid = `CA${'0'.repeat(32)}`;
  addresses = {
    records: `${await startStore()}/records?callSid=${callSid}`,
    caller: `${caller.url}/scripts`,
    openai: `${standin.url}/control`,
  };
});
afterAll(async () => {
  for (const close of closers) await close();
  rmSync(folder, { recursive: true, force: true });
});

test.each(['records', 'caller', 'openai'])('%s refuses a name that was pointed at this machine', async (service) => {
  const url = addresses[service] ?? '';
  expect(await ask(url, 'evil.example')).toEqual({ status: 403, code: 'forbidden_host' });
  for (const host of [new URL(url).host, 'localhost:1', '[::1]:1']) {
    expect(await ask(url, host)).toEqual({ status: 200 });
  }
});

test('off loopback records go by any name, with their token', async () => {
  const url = `${await startStore('secret')}/records?callSid=CA${'0'.repeat(32)}`;
  expect(await ask(url, 'records.example')).toMatchObject({ status: 401 });
  expect(await ask(url, 'records.example', { authorization: 'Bearer secret' })).toEqual({ status: 200 });
});

test("the bot's operations refuse a name that was pointed at this machine, but for probes", async () => {
  const running = await startTestBot();
  closers.push(() => running.close());
  const { operationsUrl } = running.bot;
  for (const path of ['/healthz', '/readyz']) {
    expect(await ask(operationsUrl + path, 'bot.pods.example')).toEqual({ status: 200 });
  }
  for (const path of ['/metrics', '/', '/other']) {
    expect(await ask(operationsUrl + path, 'evil.example')).toEqual({ status: 403, code: 'forbidden_host' });
    // Metrics are off here.
    expect(await ask(operationsUrl + path, 'localhost:1')).toEqual({ status: 404, code: 'not_found' });
  }
});

test("with a token the bot's figures go by any name", async () => {
  const running = await startTestBot({ CALLSPAN_METRICS_TOKEN_FILE: '/run/secrets/metrics' });
  closers.push(() => running.close());
  expect(await ask(`${running.bot.operationsUrl}/metrics`, 'proxy.example')).toMatchObject({ status: 404 });
});
