import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver.ts';

const run = promisify(execFile);
const CLIENT = 3;
const SERVER = 2;
const APPS = './test/fixtures/apps';

describe.each([
  ['an ES module', 'traced-app.ts'],
  ['CommonJS', 'plain-app.cjs'],
])('a bot as %s, with an instrumentation that was made before the kit', (_form, app) => {
  let receiver: OtlpReceiver;
  const folder = mkdtempSync(join(tmpdir(), 'callspan-own-'));
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    const env = {
      ...process.env,
      NODE_OPTIONS: '',
      OTEL_SERVICE_NAME: 'fixture',
      CALLSPAN_DATA_DIR: folder,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    };
    const preload = `${APPS}/own-instrumentation.cjs`;
    await run(process.execPath, ['--conditions=source', '--require', preload, `${APPS}/${app}`], { env });
  });
  afterAll(() => {
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['by fetch', 'by http'])('makes one client span and one server span of a request %s', (name) => {
    const childrenOf = (spanId?: string) => receiver.spans.filter((span) => span.parentSpanId === spanId);
    const clients = childrenOf(receiver.spans.find((span) => span.name === name)?.spanId);
    expect(clients.map((span) => span.kind)).toEqual([CLIENT]);
    expect(childrenOf(clients[0]?.spanId).map((span) => span.kind)).toEqual([SERVER]);
  });
});
