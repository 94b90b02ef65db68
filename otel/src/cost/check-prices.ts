import { wrongOption } from '../check-options.ts';

const COMPONENTS = ['stt', 'llm', 'tts'];
const TOKEN_FIELDS = [
  'inputPerMillion',
  'cachedInputPerMillion',
  'cacheWritePerMillion',
  'outputPerMillion',
  'audioInputPerMillion',
  'cachedAudioInputPerMillion',
  'audioOutputPerMillion',
];
const MODEL_FIELDS = [...TOKEN_FIELDS, 'perMinute', 'perMillionCharacters'];
const CARRIER_FIELDS = ['perMinute', 'incrementSeconds'];

type Row = Readonly<Record<string, unknown>>;

/** Checks prices, be they rows or a whole file. @throws TypeError naming the row, its value and the expected form */
export function checkPrices(value: unknown): void {
  const file = object(value, 'prices');
  for (const key of Object.keys(file)) {
    if (!['asOf', 'currency', 'source', 'models', 'carrier'].includes(key)) {
      throw wrongOption(`prices.${key}`, file[key], 'only asOf, currency, source, models and carrier');
    }
  }
  if (file.asOf !== undefined && (typeof file.asOf !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(file.asOf))) {
    throw wrongOption('prices.asOf', file.asOf, 'a date such as "2026-11-21"');
  }
  if (file.currency !== undefined && file.currency !== 'USD')
    throw wrongOption('prices.currency', file.currency, '"USD"');
  for (const [at, row] of rowsOf(file, 'models')) checkModel(at, row);
  for (const [at, row] of rowsOf(file, 'carrier')) checkCarrier(at, row);
}

function rowsOf(file: Row, table: 'models' | 'carrier'): [string, Row][] {
  const rows = Object.entries(object(file[table] ?? {}, `prices.${table}`));
  const pattern = table === 'models' ? /^[^/]+\/.+$/ : /^.+\/(inbound|outbound)$/;
  const form = table === 'models' ? 'a name such as "openai/gpt-6-luna"' : 'a name such as "twilio/inbound"';
  return rows.flatMap(([name, row]): [string, Row][] => {
    if (!pattern.test(name)) throw wrongOption(`a row of prices.${table}`, name, form);
    const at = `prices.${table}[${JSON.stringify(name)}]`;
    return row === null ? [] : [[at, object(row, at)]];
  });
}

function checkModel(at: string, row: Row): void {
  checkNumbers(at, row, { numbers: MODEL_FIELDS, others: ['component', 'source'] });
  if (!COMPONENTS.includes(String(row.component))) {
    throw wrongOption(`${at}.component`, row.component, `one of ${COMPONENTS.join(', ')}`);
  }
  const byTokens = TOKEN_FIELDS.some((field) => row[field] !== undefined);
  const ways = [byTokens, row.perMinute !== undefined, row.perMillionCharacters !== undefined];
  if (ways.filter(Boolean).length !== 1) {
    throw wrongOption(at, row, 'a price by tokens, perMinute or perMillionCharacters: exactly one of them');
  }
  for (const field of byTokens ? ['inputPerMillion', 'outputPerMillion'] : []) {
    if (row[field] === undefined) throw wrongOption(`${at}.${field}`, row[field], 'a number of US dollars, 0 or more');
  }
}

function checkCarrier(at: string, row: Row): void {
  checkNumbers(at, row, { numbers: CARRIER_FIELDS, others: ['source'] });
  if (row.perMinute === undefined)
    throw wrongOption(`${at}.perMinute`, row.perMinute, 'a number of US dollars, 0 or more');
  if (row.incrementSeconds === 0) throw wrongOption(`${at}.incrementSeconds`, 0, 'seconds above 0');
}

type Fields = { readonly numbers: readonly string[]; readonly others: readonly string[] };

function checkNumbers(at: string, row: Row, { numbers, others }: Fields): void {
  for (const [field, value] of Object.entries(row)) {
    if (others.includes(field)) continue;
    if (!numbers.includes(field))
      throw wrongOption(`${at}.${field}`, value, `only ${[...others, ...numbers].join(', ')}`);
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw wrongOption(`${at}.${field}`, value, 'a number, 0 or more');
    }
  }
}

function object(value: unknown, at: string): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongOption(at, value, 'an object');
  return value as Row;
}
