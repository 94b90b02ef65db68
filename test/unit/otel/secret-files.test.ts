import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretFiles } from '../../../otel/src/secret-files.ts';
import { readRecordsConfig } from '../../../services/records/config.ts';
import { readViewerConfig } from '../../../services/viewer/config.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

test('a secret comes from the file that NAME_FILE names, without the newline at its end', () => {
  const env = { TOKEN_FILE: write('token', 'from a file\n'), OTHER: 'kept' };
  expect(readSecretFiles(env, ['TOKEN'])).toMatchObject({ TOKEN: 'from a file', OTHER: 'kept' });
});

test('a secret that is set comes before its file, an empty one does not', () => {
  const file = write('token', 'from a file');
  expect(readSecretFiles({ TOKEN: 'set', TOKEN_FILE: file }, ['TOKEN']).TOKEN).toBe('set');
  expect(readSecretFiles({ TOKEN: '', TOKEN_FILE: file }, ['TOKEN']).TOKEN).toBe('from a file');
});

test('a file that is not there is refused with variable and file', () => {
  expect(() => readSecretFiles({ TOKEN_FILE: '/nowhere/token' }, ['TOKEN'])).toThrow(
    'TOKEN_FILE is "/nowhere/token"; expected a file that can be read',
  );
});

test('the listeners of viewer and records off loopback take their tokens from files', () => {
  const operations = write('operations', 'for the page\n');
  const telemetry = write('telemetry', 'for spans\n');
  const viewer = readViewerConfig({
    VIEWER_HOST: '0.0.0.0',
    CALLSPAN_OPERATIONS_TOKEN_FILE: operations,
    CALLSPAN_TELEMETRY_TOKEN_FILE: telemetry,
  });
  expect(viewer.operations.token).toBe('for the page');
  expect(viewer.telemetry.token).toBe('for spans');
  const records = readRecordsConfig({ RECORDS_HOST: '0.0.0.0', CALLSPAN_OPERATIONS_TOKEN_FILE: operations });
  expect(records.token).toBe('for the page');
});

test("the database's password may stand in a file of its own", () => {
  const file = write('password', 'a/b@c d\n');
  const env = { DATABASE_URL: 'postgres://callspan@postgres:5432/callspan', DATABASE_PASSWORD_FILE: file };
  expect(readRecordsConfig(env).databaseUrl).toBe('postgres://callspan:a%2Fb%40c%20d@postgres:5432/callspan');
});
