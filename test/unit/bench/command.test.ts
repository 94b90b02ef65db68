import { spawnSync } from 'node:child_process';

const bench = (...args: readonly string[]) => {
  const argv = ['--conditions=source', '--disable-warning=ExperimentalWarning', 'bench/main.ts', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  return { status, stdout, stderr };
};

test('help lists the benches with their options and runs none', () => {
  const help = { status: 0, stdout: expect.stringContaining('volume     [--calls N]'), stderr: '' };
  expect(bench('--help')).toEqual(help);
  expect(bench('wait', '--help')).toEqual(help);
});

test('an option or a bench that does not exist is told in a line, with those that do', () => {
  const { status, stdout, stderr } = bench('volume', '--cals', '3');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^npm run bench -- volume: Unknown option '--cals'/);
  expect(stderr).not.toContain('    at ');
  expect(bench('toString')).toMatchObject({ status: 2, stderr: expect.stringContaining('where NAME is one of') });
});
