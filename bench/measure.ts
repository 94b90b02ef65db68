import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Milliseconds of one measure, medians over batches. */
export type MeasureCost = {
  /** A wrapped function that does nothing, less the function alone: what a call waits for. */
  readonly measureMs: number;
  /** The function alone. */
  readonly baselineMs: number;
  /** Time of the main thread for one measure until it has left the process, export included. */
  readonly withExportMs: number;
  readonly batches: number;
};

/**
 * What one measure costs with everything on: span, limits, metrics, statistics, a listener, measures file, InfluxDB and
 * OTLP to a receiver that takes it. In a process of its own.
 */
export async function measureCost(): Promise<MeasureCost> {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-bench-'));
  const receiver = await listen(200, '{}');
  const database = await listen(204, '');
  try {
    const env = {
      PATH: process.env.PATH ?? '',
      OTEL_SERVICE_NAME: 'bench',
      OTEL_EXPORTER_OTLP_ENDPOINT: addressOf(receiver),
      CALLSPAN_DATA_DIR: folder,
      INFLUXDB_URL: addressOf(database),
      INFLUXDB_TOKEN: 'any',
      INFLUXDB_ORG: 'any',
      INFLUXDB_BUCKET: 'any',
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
    };
    const script = fileURLToPath(new URL('measured-process.ts', import.meta.url));
    const args = ['--conditions=source', '--require', 'callspan/preload', script];
    const { stdout } = await execute(process.execPath, args, { env });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as MeasureCost;
  } finally {
    for (const server of [receiver, database]) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function listen(status: number, body: string): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
