import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBotConfig } from '../../../services/bot/config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-prices-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SECRETS = {
  OPENAI_API_KEY: 'key',
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_ACCOUNT_SID: 'AC1',
  CALLSPAN_STREAM_SECRET: 'stream',
  CALLSPAN_HMAC_KEY: 'hmac',
};
const read = (more: Record<string, string>) => readBotConfig({ ...SECRETS, CALLSPAN_DATA_DIR: folder, ...more });

test('rows of a prices file of one’s own are read, and a carrier of none costs nothing', () => {
  const path = join(folder, 'prices.json');
  writeFileSync(path, '{"models":{"openai/own":{"component":"llm","inputPerMillion":1}}}');
  const { prices, carrier } = read({ CALLSPAN_PRICES_PATH: path, CALLSPAN_CARRIER: 'none' });
  expect([prices?.models?.['openai/own'], carrier]).toEqual([{ component: 'llm', inputPerMillion: 1 }, false]);
  expect(read({})).toMatchObject({ prices: undefined, carrier: 'twilio' });
});

test('a prices file that is none stops the start with its name', () => {
  const path = join(folder, 'prices.json');
  expect(() => read({ CALLSPAN_PRICES_PATH: path })).toThrow(`CALLSPAN_PRICES_PATH=${path}: must be a JSON file`);
  writeFileSync(path, 'models: none');
  expect(() => read({ CALLSPAN_PRICES_PATH: path })).toThrow(/must be a JSON file of prices/);
});
