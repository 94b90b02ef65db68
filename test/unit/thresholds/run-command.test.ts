import { runCommand } from '../../../thresholds/run-command.ts';

/** Runs a command in this process. */
const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const [out, error]: [string[], string[]] = [[], []];
  const code = await runCommand(args, { env, print: (line) => out.push(line), printError: (line) => error.push(line) });
  return { code, stdout: out.join('\n'), stderr: error.join('\n') };
};

test('check tells a variable that overrides nothing', async () => {
  const { code, stderr } = await run(['check'], { CALLSPAN_THRESHOLD_REPLLY_WARNING_MS: '3000' });
  expect(code).toBe(1);
  expect(stderr).toContain('(did you mean CALLSPAN_THRESHOLD_REPLY_WARNING_MS?)');
});

test('explain of one id tells that one alone', async () => {
  const { code, stdout } = await run(['explain', 'save']);
  expect(code).toBe(0);
  expect(stdout.match(/^\S.*$/gm)).toEqual(['save: executions of save']);
});

test.each([
  [['explain', 'replly'], 'there is no replly in the file (did you mean reply?)'],
  [['explain', 'a', 'b'], 'explain takes one id, or none'],
  [['chekc'], 'there is no command chekc (did you mean check?)'],
  [['check', '--quick'], 'check takes one file, or none'],
  [['diff'], 'diff takes either --prometheus and a URL, or --rules and files of rules'],
  [
    ['diff', '--prometheus', 'localhost'],
    '--prometheus must be a URL that begins with http:// or https://, is localhost',
  ],
  [['diff', '--rules', 'package.json'], 'package.json is no file of rules: it has no groups of rules'],
  [['diff', '--rules', 'nowhere.yaml'], 'nowhere.yaml is no file of rules: ENOENT'],
  [['diff', '--prometheus', 'http://127.0.0.1:1'], 'http://127.0.0.1:1/api/v1/rules does not answer'],
])('%j is answered with one line and the exit code 2', async (args, line) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.startsWith(line)).toBe(true);
});

test('--help tells every command', async () => {
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  for (const name of ['check', 'explain', 'diff', 'simulate'])
    expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
});
