import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readServiceVersion } from '../../../otel/src/sdk/service-version.ts';

const folder = mkdtempSync(join(tmpdir(), 'callspan-version-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the version is that of the application, not of a folder of its modules', () => {
  mkdirSync(join(folder, 'src', 'bot'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"name":"a-bot","version":"3.4.5"}');
  writeFileSync(join(folder, 'src', 'package.json'), '{"type":"module"}');
  expect(readServiceVersion(join(folder, 'src', 'bot', 'main.js'))).toBe('3.4.5');
});

test.each([
  ['no manifest', undefined],
  ['one that is not JSON', '{'],
  ['one without a version', '{"version":7}'],
])('with %s there is none', (_, manifest) => {
  const alone = mkdtempSync(join(tmpdir(), 'callspan-version-'));
  if (manifest !== undefined) writeFileSync(join(alone, 'package.json'), manifest);
  expect(readServiceVersion(join(alone, 'main.js'))).toBeUndefined();
  expect(readServiceVersion('')).toBeUndefined();
  rmSync(alone, { recursive: true, force: true });
});
