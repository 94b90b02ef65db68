import type { DiagLogger } from '@opentelemetry/api';

const ONE_MINUTE_MS = 60_000;
/** Lines may have ports or ids in them: what is remembered is bounded. */
const MOST_REMEMBERED = 200;
const STACK = /\n\s+at /;
/** OpenTelemetry says it four times, for each part of its API, and never what it means. */
const SECOND_SDK = /Attempted duplicate registration of API: (context|propagation|metrics|trace|logs)\b/;
const TWO_SDKS =
  'two OpenTelemetry SDKs were started in this process: telemetry goes where the first one sends it; leave out one of them';

/** Where the lines go, what takes personal data out of them, and a clock. */
export type DiagLineOptions = {
  readonly write: (line: string) => void;
  /** What a line may hold: secrets and personal data are out of its result. */
  readonly redact: (text: string) => string;
  /** Monotonic milliseconds, for tests. */
  readonly now?: () => number;
};

/**
 * What OpenTelemetry and the kit have to say about themselves, for whoever started the bot: a line each, without the
 * stacks that OpenTelemetry adds, the same line at most once a minute, with how often it came meanwhile. Not logged: a
 * record that tells of an export that failed would be exported, and fail again.
 */
export function createDiagLines({ write, redact, now = () => performance.now() }: DiagLineOptions): DiagLogger {
  const told = new Map<string, { atMs: number; untold: number }>();
  const say = (message: string, ...values: unknown[]) => {
    const line = redact(lineOf([message, ...values]));
    const before = told.get(line);
    if (before && now() - before.atMs < ONE_MINUTE_MS) {
      before.untold += 1;
      return;
    }
    if (told.size >= MOST_REMEMBERED) told.clear();
    told.set(line, { atMs: now(), untold: 0 });
    write(before?.untold ? `${line} (${before.untold + 1} times)` : line);
  };
  return { error: say, warn: say, info: say, debug: say, verbose: say };
}

function lineOf(parts: readonly unknown[]): string {
  const text = parts.map(shown).join(' ').replace(/\s+/g, ' ');
  const line = SECOND_SDK.test(text) ? TWO_SDKS : text;
  return line.startsWith('callspan') ? line : `callspan: ${line}`;
}

function shown(value: unknown): string {
  if (value instanceof Error) return value.message || value.name;
  if (typeof value === 'string') return value.startsWith('{') ? messageIn(value) : (value.split(STACK, 1)[0] ?? '');
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value;
  }
}

/** The error handler of OpenTelemetry tells errors as JSON, with their stacks. */
function messageIn(json: string): string {
  try {
    const { message } = JSON.parse(json) as { message?: unknown };
    return typeof message === 'string' && message ? message : json;
  } catch {
    return json;
  }
}
