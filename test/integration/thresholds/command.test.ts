import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RULE_FILES, rulePath } from '../../../thresholds/generate/rules.ts';
import { copyProject, type ProjectCopy } from '../../helpers/project-copy.ts';

const FILE = 'thresholds/thresholds.yaml';
const CLI = 'thresholds/cli.ts';

let project: ProjectCopy;
beforeAll(() => {
  project = copyProject();
  project.run('scripts/generate.ts');
});
afterAll(() => project.remove());

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => project.run(CLI, args, env);

test('check of the right file counts what is made of it', () => {
  expect(run(['check'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^thresholds\/thresholds\.yaml is right: 13 limits, \d+ alerts, 33 of 60 bounds/),
    stderr: '',
  });
});

test('check of a wrong file tells file, line, column, reason and the nearest name, and exits with 1', () => {
  project.write('wrong.yaml', project.read(FILE).replace('  reply:', '  repply:'));
  expect(run(['check', 'wrong.yaml'])).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^wrong\.yaml:\d+:3 limits\.repply: is no known name \(did you mean reply\?\)\n$/),
  });
});

test('diff with the files of rules that were made has no difference, and with a changed limit tells it', () => {
  const rules = RULE_FILES.map(rulePath);
  expect(run(['diff', '--rules', ...rules])).toMatchObject({ code: 0, stdout: 'no difference\n' });
  const { code, stdout } = run(['diff', '--rules', ...rules], { CALLSPAN_THRESHOLD_SAVE_WARNING_MS: '1200' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^~ alert CallspanLimitWarning\{limit="save",severity="warning"\}$/m);
  expect(stdout).toMatch(/^ {4}annotation summary: .*1000 ms.* -> .*1200 ms.*$/m);
  expect(stdout).toMatch(/^0 added, 0 removed, 2 changed$/m);
});

/** Answers as a Prometheus that runs one rule of ours and one of somebody else. */
const startPrometheus = async (): Promise<{ readonly url: string; readonly server: Server }> => {
  const rule = {
    type: 'alerting',
    name: 'CallspanFormer',
    query: 'up == 0',
    duration: 60,
    labels: {},
    annotations: {},
  };
  const groups = [
    { name: 'callspan-former', interval: 10, rules: [rule] },
    { name: 'other', interval: 10, rules: [{ ...rule, name: 'Other' }] },
  ];
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ status: 'success', data: { groups } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
};

test('diff with a running Prometheus tells what would come and what would go', async () => {
  const { url, server } = await startPrometheus();
  try {
    // Not in a process that is waited for: the server lives in this one.
    const child = spawn(process.execPath, [
      '--conditions=source',
      join(process.cwd(), CLI),
      'diff',
      '--prometheus',
      url,
    ]);
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^\+ alert CallspanServiceGone\{service_name="bot",severity="critical"\}$/m);
    expect(stdout.match(/^- .*$/gm)).toEqual(['- alert CallspanFormer']);
    expect(stdout).toMatch(/^\d+ added, 1 removed, 0 changed$/m);
  } finally {
    server.close();
  }
});
