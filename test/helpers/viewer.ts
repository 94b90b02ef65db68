import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ViewerConfig } from '../../services/viewer/config.ts';
import { type RunningViewer, startViewer, type ViewerDeps } from '../../services/viewer/start.ts';

/** A viewer on free loopback ports with a store of its own. `errors` is what it logged. */
export type TestViewer = RunningViewer & {
  readonly folder: string;
  readonly errors: unknown[];
  /** `GET` on the page's address, JSON read; `status` beside it. */
  get<Body = Record<string, unknown>>(path: string): Promise<{ readonly status: number; readonly body: Body }>;
  /** `POST` of an OTLP/JSON body. */
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
};

/** Any free port on loopback, no token. */
export const makeViewerConfig = (folder: string): ViewerConfig => ({
  operations: { host: '127.0.0.1', port: 0, token: undefined },
  telemetry: { host: '127.0.0.1', port: 0, token: undefined },
  storeFile: join(folder, 'viewer', 'store.db'),
  retention: 'development',
});

/** @param folder of an earlier viewer whose store is opened again; default a new one, removed at `close` */
export async function startTestViewer(deps: ViewerDeps = {}, folder?: string): Promise<TestViewer> {
  const used = folder ?? mkdtempSync(join(tmpdir(), 'callspan-viewer-'));
  const errors: unknown[] = [];
  const log = {
    warn: (message: string) => errors.push(message),
    error: (_: string, error: unknown) => errors.push(error),
  };
  const viewer = await startViewer(makeViewerConfig(used), { log, pageFolder: join(used, 'page'), ...deps });
  const ask = async (url: string, init?: RequestInit) => {
    const response = await fetch(url, init);
    return { status: response.status, body: (await response.json()) as never };
  };
  return {
    ...viewer,
    folder: used,
    errors,
    get: (path) => ask(`${viewer.url}${path}`),
    post: (path, body) =>
      ask(`${viewer.otlpUrl}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async close() {
      await viewer.close();
      if (folder === undefined) rmSync(used, { recursive: true, force: true });
    },
  };
}
