import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wrongOption } from '../check-options.ts';
import { isTelemetryDisabled } from '../sdk/config.ts';
import { serviceNameOf } from '../sdk/service-name.ts';

/** Where InfluxDB is and what lets us write there. */
export type InfluxConfig = {
  readonly url: string;
  readonly token: string;
  readonly org: string;
  readonly bucket: string;
};

/** Where measures go beside the statistics. */
export type MeasureConfig = {
  /** `OTEL_SDK_DISABLED=true`: nothing is measured, kept or written. */
  readonly disabled: boolean;
  /** The service whose measures they are: a tag in InfluxDB. */
  readonly service: string;
  /** The measures file; undefined when there is none. */
  readonly file: string | undefined;
  readonly influx: InfluxConfig | undefined;
};

/**
 * Reads `CALLSPAN_MEASURES_FILE` (a path, or `off`; default `<CALLSPAN_DATA_DIR>/<name of the service>/measures.jsonl`, and
 * without a data folder no file) and `INFLUXDB_URL`, `INFLUXDB_TOKEN` (or the file that `INFLUXDB_TOKEN_FILE` names),
 * `INFLUXDB_ORG`, `INFLUXDB_BUCKET` (all or none).
 * @throws TypeError naming what is wrong or missing
 */
export function readMeasureConfig(env: NodeJS.ProcessEnv = process.env): MeasureConfig {
  const service = serviceNameOf(env);
  return {
    disabled: isTelemetryDisabled(env),
    service,
    file: fileOf(env, service),
    influx: influxOf(env),
  };
}

function fileOf({ CALLSPAN_MEASURES_FILE: told, CALLSPAN_DATA_DIR: folder }: NodeJS.ProcessEnv, service: string) {
  if (told === 'off') return undefined;
  if (told) return told;
  // The name becomes a folder: it must not lead out of the data folder.
  return folder ? join(folder, service.replace(/[^\w.-]|^\.+/g, '_'), 'measures.jsonl') : undefined;
}

const INFLUX = ['INFLUXDB_URL', 'INFLUXDB_TOKEN', 'INFLUXDB_ORG', 'INFLUXDB_BUCKET'] as const;

function influxOf(given: NodeJS.ProcessEnv): InfluxConfig | undefined {
  const env: NodeJS.ProcessEnv = {
    ...given,
    INFLUXDB_TOKEN: given.INFLUXDB_TOKEN || tokenIn(given.INFLUXDB_TOKEN_FILE),
  };
  const missing = INFLUX.filter((name) => !env[name]);
  if (missing.length === INFLUX.length) return undefined;
  if (missing.length > 0) {
    const expected = `values for all of ${INFLUX.join(', ')}, or for none of them`;
    throw wrongOption(missing.join(', '), undefined, expected);
  }
  const { INFLUXDB_URL: url = '', INFLUXDB_TOKEN: token = '' } = env;
  const { INFLUXDB_ORG: org = '', INFLUXDB_BUCKET: bucket = '' } = env;
  const { protocol, username, password } = URL.parse(url) ?? {};
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw wrongOption('INFLUXDB_URL', url, 'a URL that begins with http:// or https://');
  }
  if (username || password) {
    throw new TypeError('INFLUXDB_URL has a user or a password in it; expected INFLUXDB_TOKEN alone to let us in');
  }
  return { url, token, org, bucket };
}

function tokenIn(path: string | undefined): string | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new TypeError(`INFLUXDB_TOKEN_FILE is "${path}"; expected a file that can be read`, { cause });
  }
}
