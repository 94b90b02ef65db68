import { join, resolve } from 'node:path';
import { wrongOption } from '../check-options.ts';
import { SIGNAL_NAMES } from './signal-names.ts';
import { SIGNALS, type Signal } from './worker/protocol.ts';

/** What `CALLSPAN_SPOOL*` say. */
export type SpoolConfig = {
  /** `CALLSPAN_SPOOL=off`: exports go straight to the receiver, and what it does not take is lost. */
  readonly isOn: boolean;
  readonly folder: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
};

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;
const MIN_MAX_BYTES = 1024 * 1024;
const DEFAULT_MAX_AGE_HOURS = 48;
const HOUR_MS = 3_600_000;

/** @throws TypeError naming variable, value and the expected form */
export function readSpoolConfig(serviceName: string, env: NodeJS.ProcessEnv = process.env): SpoolConfig {
  const spool = env.CALLSPAN_SPOOL || 'on';
  if (spool !== 'on' && spool !== 'off') throw wrongOption('CALLSPAN_SPOOL', spool, 'on or off');
  const byDefault = join(env.CALLSPAN_DATA_DIR || '.callspan', folderNameOf(serviceName), 'spool');
  return {
    isOn: spool === 'on',
    folder: resolve(env.CALLSPAN_SPOOL_DIR || byDefault),
    maxBytes: readNumber('CALLSPAN_SPOOL_MAX_BYTES', env, {
      byDefault: DEFAULT_MAX_BYTES,
      isRight: (value) => Number.isSafeInteger(value) && value >= MIN_MAX_BYTES,
      expected: `a whole number of bytes, at least ${MIN_MAX_BYTES}`,
    }),
    maxAgeMs:
      HOUR_MS *
      readNumber('CALLSPAN_SPOOL_MAX_AGE_HOURS', env, {
        byDefault: DEFAULT_MAX_AGE_HOURS,
        isRight: (value) => value > 0,
        expected: 'a number of hours above 0',
      }),
  };
}

/** The variables that the thread gets: what TLS reads there at each connection. */
export function readThreadEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { NODE_TLS_REJECT_UNAUTHORIZED } = env;
  return NODE_TLS_REJECT_UNAUTHORIZED === undefined ? {} : { NODE_TLS_REJECT_UNAUTHORIZED };
}

type NumberRule = {
  readonly byDefault: number;
  readonly isRight: (value: number) => boolean;
  readonly expected: string;
};

function readNumber(name: string, env: NodeJS.ProcessEnv, { byDefault, isRight, expected }: NumberRule): number {
  const text = env[name]?.trim();
  if (!text) return byDefault;
  const value = Number(text);
  if (!Number.isFinite(value) || !isRight(value)) throw wrongOption(name, text, expected);
  return value;
}

/** A service may be called anything; a folder may not. */
function folderNameOf(serviceName: string): string {
  const name = serviceName.replaceAll(/[^\w.-]/g, '_').replace(/^\.+/, '_');
  return name || 'unknown_service';
}

const PROTOCOLS: readonly string[] = ['http/json', 'http/protobuf'];

/**
 * Which signals leave as protobuf: `OTEL_EXPORTER_OTLP_PROTOCOL` or the variable of the signal, which wins. Unset is
 * JSON, which a person can read and which costs no more.
 * @throws TypeError naming the variable for what this kit does not speak
 */
export function readProtocols(env: NodeJS.ProcessEnv = process.env): Readonly<Record<Signal, boolean>> {
  const [traces, logs, metrics] = SIGNALS.map((signal) => isProtobuf(SIGNAL_NAMES[signal].protocol, env));
  return { traces: traces ?? false, logs: logs ?? false, metrics: metrics ?? false };
}

function isProtobuf(ofSignal: string, env: NodeJS.ProcessEnv): boolean {
  for (const name of [ofSignal, 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const protocol = env[name]?.trim();
    if (!protocol) continue;
    if (!PROTOCOLS.includes(protocol)) throw wrongOption(name, protocol, PROTOCOLS.join(' or '));
    return protocol === 'http/protobuf';
  }
  return false;
}
