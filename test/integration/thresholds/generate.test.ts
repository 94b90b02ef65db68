import { copyProject, type ProjectCopy } from '../../helpers/project-copy.ts';

const FILE = 'thresholds/thresholds.yaml';
const FOLDERS = ['thresholds', 'collector', 'dashboards', 'docs'];

let project: ProjectCopy;
beforeAll(() => {
  project = copyProject();
  expect(project.run('scripts/generate.ts')).toMatchObject({ code: 0 });
});
afterAll(() => project.remove());

/** Paths of the files whose content is not what it was. */
const changedSince = (before: ReadonlyMap<string, string>) => {
  const now = project.snapshot(FOLDERS);
  return [...new Set([...before.keys(), ...now.keys()])].filter((path) => before.get(path) !== now.get(path)).sort();
};

/** Puts `text` into the file for as long as `look` takes. */
const withFile = (text: string, look: () => void) => {
  const own = project.read(FILE);
  project.write(FILE, text);
  try {
    look();
  } finally {
    project.write(FILE, own);
    project.run('scripts/generate.ts');
  }
};

test('one number that is changed changes rules, their tests, bounds, sampling, fragments and the board of stages, and nothing else', () => {
  const before = project.snapshot(FOLDERS);
  const own = project.read(FILE);
  // A figure that no other row has, so that whatever stays behind is seen.
  const text = own.replace(/( {2}retrieval:\n {4}warning_ms:) 3000/, '$1 3210');
  expect(text).not.toBe(own);
  withFile(text, () => {
    expect(project.run('scripts/generate.ts')).toMatchObject({ code: 0 });
    const changed = changedSince(before);
    expect(changed).toEqual([
      'collector/overlays/sampling.generated.yaml',
      'collector/prometheus/rules/limits.rules.generated.yaml',
      'collector/prometheus/tests/limits.test.generated.yaml',
      'collector/span-metrics-buckets.generated.yaml',
      'dashboards/generated/callspan-stages.generated.json',
      'dashboards/thresholds.generated.json',
      'thresholds/generated/kit-options.generated.json',
      'thresholds/generated/page.generated.json',
      FILE,
    ]);
    const now = project.snapshot(FOLDERS);
    for (const path of changed) {
      // With the old figure in the new one's place, or without the bound that came, it is what it was.
      const back = (now.get(path) ?? '').replaceAll(/^( *- 3210ms| +3210,?)\n/gm, '').replaceAll('3210', '3000');
      expect([path, back]).toEqual([path, before.get(path)]);
    }
  });
  expect(changedSince(before)).toEqual([]);
});

test('a share that is changed changes rules and their tests alone', () => {
  const before = project.snapshot(FOLDERS);
  const text = project.read(FILE).replace('critical: { share: 0.05, for: 1m }', 'critical: { share: 0.07, for: 1m }');
  withFile(text, () => {
    project.run('scripts/generate.ts');
    expect(changedSince(before)).toEqual([
      'collector/prometheus/rules/limits.rules.generated.yaml',
      'collector/prometheus/tests/limits.test.generated.yaml',
      FILE,
    ]);
  });
});

test('generate:check tells each file that is stale with its first line, and writes none', () => {
  expect(project.run('scripts/generate.ts', ['--check'])).toEqual({
    code: 0,
    stdout: 'generated files are up to date\n',
    stderr: '',
  });
  const before = project.snapshot(FOLDERS);
  const env = { CALLSPAN_THRESHOLD_REPLY_WARNING_MS: '2600' };
  const { code, stdout } = project.run('scripts/generate.ts', ['--check'], env);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^thresholds\/generated\/page\.generated\.json is not what its sources say \(first in line \d+\)/m,
  );
  expect(changedSince(before)).toEqual([]);
});

test('a file that was changed by hand is told with the line, and made anew', () => {
  const own = project.read('docs/signals.md');
  project.write('docs/signals.md', own.split('\n').with(4, 'by hand').join('\n'));
  expect(project.run('scripts/generate.ts', ['--check'])).toMatchObject({
    code: 1,
    stdout: 'docs/signals.md is not what its sources say (first in line 5): run npm run generate\n',
  });
  expect(project.run('scripts/generate.ts')).toMatchObject({ code: 0, stdout: 'wrote docs/signals.md\n' });
  expect(project.read('docs/signals.md')).toBe(own);
});

test('a file that is refused is told with line and reason, and nothing is written', () => {
  const before = project.snapshot(FOLDERS);
  const text = project.read(FILE).replace('critical_ms: 1400', 'critical_ms: 1.4');
  withFile(text, () => {
    expect(project.run('scripts/generate.ts')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^thresholds\/thresholds\.yaml:\d+:\d+ limits\.response_gap\.critical_ms: is 1\.4 milliseconds.*\nnothing was generated\n$/,
      ),
    });
    expect(changedSince(before)).toEqual([FILE]);
  });
});

test('a file that was made and is made no more is told by the check and taken away by generate', () => {
  const before = project.snapshot(FOLDERS);
  const path = 'collector/prometheus/rules/former.rules.generated.yaml';
  project.write(path, 'groups: []\n');
  expect(project.run('scripts/generate.ts', ['--check'])).toMatchObject({
    code: 1,
    stdout: `${path} is made of nothing: run npm run generate\n`,
  });
  expect(project.run('scripts/generate.ts')).toMatchObject({ code: 0, stdout: `removed ${path}\n` });
  expect(changedSince(before)).toEqual([]);
});
