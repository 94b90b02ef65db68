/** A line of InfluxDB's line protocol (https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/). */
export type InfluxLine = {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string | number | bigint | boolean>>;
  readonly timestamp: bigint | undefined;
};

/** Parses line protocol. @throws Error naming the line that is none */
export function parseLineProtocol(text: string): InfluxLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
}

function parseLine(line: string): InfluxLine {
  const [series = '', fields = '', timestamp, ...rest] = split(line, ' ');
  if (fields === '' || rest.length > 0) throw new Error(`no line protocol: ${line}`);
  const [measurement = '', ...tags] = split(series, ',');
  if (measurement === '' || (timestamp !== undefined && !/^-?\d+$/.test(timestamp))) {
    throw new Error(`no line protocol: ${line}`);
  }
  return {
    measurement: plain(measurement),
    tags: Object.fromEntries(tags.map((tag) => pairOf(tag, (value) => plain(value)))),
    fields: Object.fromEntries(split(fields, ',').map((field) => pairOf(field, fieldOf))),
    timestamp: timestamp === undefined ? undefined : BigInt(timestamp),
  };
}

/** Splits where `at` is neither escaped nor inside a string. */
function split(text: string, at: string): string[] {
  const parts = [''];
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index] as string;
    if (letter === '\\' && index + 1 < text.length) {
      index += 1;
      parts[parts.length - 1] += `\\${text[index]}`;
      continue;
    }
    if (letter === '"') isQuoted = !isQuoted;
    if (letter === at && !isQuoted) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

function pairOf<T>(text: string, read: (value: string) => T): [string, T] {
  const [key, value, ...rest] = split(text, '=');
  if (!key || !value || rest.length > 0) throw new Error(`no key and value: ${text}`);
  return [plain(key), read(value)];
}

function fieldOf(value: string): string | number | bigint | boolean {
  if (value.startsWith('"') && value.endsWith('"')) return value.slice(1, -1).replace(/\\(["\\])/g, '$1');
  if (/^-?\d+i$/.test(value)) return BigInt(value.slice(0, -1));
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)) return Number(value);
  if (/^(t|true|f|false)$/i.test(value)) return /^t/i.test(value);
  throw new Error(`no field value: ${value}`);
}

function plain(text: string): string {
  return text.replace(/\\([,= ])/g, '$1');
}
