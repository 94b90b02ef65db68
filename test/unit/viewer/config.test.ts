import type { IncomingMessage } from 'node:http';
import { createAdmission } from '../../../services/viewer/admit.ts';
import { readViewerConfig } from '../../../services/viewer/config.ts';

test('needs nothing: loopback, the ports that everybody knows, 48 hours', () => {
  expect(readViewerConfig({ VIEWER_PORT: '' })).toEqual({
    operations: { host: '127.0.0.1', port: 4300, token: undefined },
    telemetry: { host: '127.0.0.1', port: 4318, token: undefined },
    storeFile: '.callspan/viewer/store.db',
    retention: 'development',
  });
});

test.each([
  ['VIEWER_PORT', 'abc'],
  ['VIEWER_OTLP_PORT', '65536'],
  ['CALLSPAN_RETENTION', 'forever'],
])('refuses %s=%s with one line that names it', (name, value) => {
  expect(() => readViewerConfig({ [name]: value })).toThrow(new RegExp(`^${name} must [^\\n]*$`));
});

test('refuses to leave loopback without the token of each listener', () => {
  const tokens = { CALLSPAN_OPERATIONS_TOKEN: 'one', CALLSPAN_TELEMETRY_TOKEN: 'two' };
  expect(() => readViewerConfig({ VIEWER_HOST: '0.0.0.0' })).toThrow(/CALLSPAN_OPERATIONS_TOKEN/);
  const half = { VIEWER_HOST: '::', CALLSPAN_OPERATIONS_TOKEN: 'one' };
  expect(() => readViewerConfig(half)).toThrow(/CALLSPAN_TELEMETRY_TOKEN/);
  const config = readViewerConfig({ VIEWER_HOST: '0.0.0.0', ...tokens });
  expect([config.operations.token, config.telemetry.token]).toEqual(['one', 'two']);
  expect(readViewerConfig({ VIEWER_HOST: '::1', ...tokens }).operations.token).toBeUndefined();
});

const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage;

test.each(['localhost:4300', '127.0.0.1:4300', '127.8.8.8', '[::1]:4300'])(
  'on loopback a request to %s is let in',
  (host) => {
    expect(() => createAdmission(undefined, 'T')(request({ host }))).not.toThrow();
  },
);

test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', '', 'a b'])(
  'on loopback a request to %p is refused: its name was pointed here',
  (host) => {
    expect(() => createAdmission(undefined, 'T')(request({ host }))).toThrow(
      expect.objectContaining({ code: 'forbidden_host' }),
    );
  },
);

test('off loopback the token is what counts', () => {
  const admit = createAdmission('secret', 'CALLSPAN_OPERATIONS_TOKEN');
  expect(() => admit(request({ host: 'viewer.example', authorization: 'Bearer secret' }))).not.toThrow();
  for (const authorization of ['Bearer wrong', 'secret', '']) {
    expect(() => admit(request({ host: 'localhost', authorization }))).toThrow(/CALLSPAN_OPERATIONS_TOKEN/);
  }
});
