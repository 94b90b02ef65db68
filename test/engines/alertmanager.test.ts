import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OWN } from './stage/own-files.ts';
import { runTool } from './stage/run-tool.ts';

type Case = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly receivers: readonly string[];
};

const cases = JSON.parse(readFileSync('collector/alertmanager/routes.generated.json', 'utf8')) as readonly Case[];

function route({ labels, receivers }: Case, file: string = OWN.alertmanager): number | null {
  const given = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const asked = [`--config.file=${file}`, `--verify.receivers=${receivers.join(',')}`];
  return runTool('amtool', 'config', 'routes', 'test', ...asked, ...given).code;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-routes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A copy of the configuration with a text replaced. */
function copyWith(text: string, other: string): string {
  const content = readFileSync(OWN.alertmanager, 'utf8');
  expect(content).toContain(text);
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, content.replace(text, other));
  return file;
}

test('amtool takes the configuration and its templates', () => {
  const { code, output } = runTool('amtool', 'check-config', OWN.alertmanager);
  expect([code, output]).toEqual([0, expect.stringContaining('1 templates')]);
});

test('amtool refuses a copy that names a receiver which there is not', () => {
  const { code } = runTool('amtool', 'check-config', copyWith('receiver: page', 'receiver: pager'));
  expect(code).not.toBe(0);
});

test('each alert of the route table goes to its receivers and to no other', () => {
  process.stdout.write(`${cases.length} cases of the route table\n`);
  expect(cases.length).toBeGreaterThan(20);
  expect(cases.filter((one) => route(one) !== 0).map(({ name }) => name)).toEqual([]);
}, 60_000);

test('amtool finds the alerts that go elsewhere in a copy with another route', () => {
  const file = copyWith('receiver: page', 'receiver: chat');
  const critical = cases.find(({ receivers }) => receivers.includes('page'));
  expect(critical && route(critical, file)).toBe(1);
});
