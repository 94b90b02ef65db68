import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadThresholds } from '../../../thresholds/config.ts';
import { ThresholdsError } from '../../../thresholds/problems.ts';
import { OWN_TEXT } from '../../helpers/thresholds-text.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-thresholds-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const refusal = (file: string): string => {
  try {
    loadThresholds({ file, env: {} });
    return 'taken';
  } catch (error) {
    if (error instanceof ThresholdsError) return error.message;
    throw error;
  }
};

test('a file is read as its text is', () => {
  const file = join(folder, 't.yaml');
  writeFileSync(file, OWN_TEXT);
  expect(loadThresholds({ file, env: {} })).toEqual(loadThresholds({ env: {} }));
  expect(loadThresholds({ file, env: { CALLSPAN_THRESHOLD_SAVE_WARNING_MS: '1200' } }).limits).toContainEqual(
    expect.objectContaining({ id: 'save', warningMs: 1200 }),
  );
});

test.each<[name: string, says: string, make: (file: string) => void]>([
  ['that does not exist', 'does not exist', () => undefined],
  ['that is empty', 'is empty', (file) => writeFileSync(file, '')],
  ['of two megabytes', 'is longer than 200000 bytes', (file) => writeFileSync(file, `# ${'x'.repeat(2_000_000)}`)],
  ['that is no text', 'is no UTF-8 text', (file) => writeFileSync(file, Buffer.from([0x76, 0xff, 0xfe, 0x00]))],
  ['that is a folder', 'is no file', (file) => mkdirSync(file)],
  ['that is a pipe nobody writes into', 'is no file', (file) => execFileSync('mkfifo', [file])],
  ['that is a link to itself', 'is a symbolic link that leads back to itself', (file) => symlinkSync(file, file)],
])('a file %s is refused', (_name, says, make) => {
  const file = join(folder, 't.yaml');
  make(file);
  expect(refusal(file)).toBe(`${file}:1:1 ${says}`);
});
