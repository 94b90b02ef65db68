import { findFreePorts } from '../../helpers/free-ports.ts';
import { type RunningEngine, startEngine } from './engine.ts';
import { OWN } from './own-files.ts';

/** A line of Loki: all its labels, those of the index and structured metadata, as Loki mixes them in its answers. */
export type LokiLine = {
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
  /** Nanoseconds since 1970. */
  readonly atNs: string;
};

/** Loki with the project's file. */
export type RunningLoki = RunningEngine & {
  readonly url: string;
  /** What CALLSPAN_LOKI_OTLP_URL of the Collector is. */
  readonly otlpUrl: string;
  /**
   * The lines that a LogQL query finds, the newest first, at most 5000.
   * @param hours how far back; 1 unless told
   * @throws Error with Loki's answer
   */
  query(logql: string, hours?: number): Promise<readonly LokiLine[]>;
  /** Any path of Loki's API. @throws Error with Loki's answer when it is no 2xx */
  ask(path: string, init?: RequestInit): Promise<string>;
};

/** Where Loki runs, with which file when it is not the project's own, and what its environment says beside addresses. */
export type LokiStart = {
  readonly folder: string;
  readonly port?: number;
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
};

const HOUR_MS = 3_600_000;

/** Starts Loki on loopback, on free ports unless one is given; its data lies in `folder`. */
export async function startLoki({ folder, port, file = OWN.loki, env: more = {} }: LokiStart): Promise<RunningLoki> {
  const [http = 0, grpc = 0] = await findFreePorts(2);
  const url = `http://127.0.0.1:${port ?? http}`;
  const env = {
    CALLSPAN_LOKI_PORT: String(port ?? http),
    CALLSPAN_LOKI_GRPC_PORT: String(grpc),
    CALLSPAN_LOKI_DATA: folder,
    ...more,
  };
  const args = [`-config.file=${file}`, '-config.expand-env=true'];
  const engine = await startEngine('loki', { args, env, readyUrl: `${url}/ready` });
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${url}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Loki answers ${answer.status}: ${text}`);
    return text;
  };
  return {
    ...engine,
    url,
    otlpUrl: `${url}/otlp`,
    ask,
    async query(logql, hours = 1) {
      const startNs = BigInt(Date.now() - hours * HOUR_MS) * 1_000_000n;
      const parameters = new URLSearchParams({ query: logql, limit: '5000', start: String(startNs) });
      return toLines(JSON.parse(await ask(`/loki/api/v1/query_range?${parameters}`)) as Answer);
    },
  };
}

type Answer = {
  readonly data: {
    readonly result: readonly {
      readonly stream: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [string, string])[];
    }[];
  };
};

function toLines({ data }: Answer): readonly LokiLine[] {
  return data.result
    .flatMap(({ stream, values }) => values.map(([atNs, line]) => ({ labels: stream, line, atNs })))
    .sort((one, other) => (one.atNs < other.atNs ? 1 : -1));
}
