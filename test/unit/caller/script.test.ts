import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listScripts, readScript, ScriptError } from '../../../services/caller/adapters/script-files.ts';
import { replaceInScript } from '../../../services/caller/domain/script.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-scripts-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function errorOf(yaml: string): ScriptError {
  writeFileSync(join(folder, 'broken.yaml'), yaml);
  try {
    readScript('broken', folder);
  } catch (error) {
    if (error instanceof ScriptError) return error;
    throw error;
  }
  throw new Error('the script was read');
}

const HEAD = 'description: d\nlanguage: fr\nfrom: "+33199001234"\n';

test('every script of the project can be read and calls from a number kept for fiction', () => {
  expect(listScripts()).toEqual([
    'appointment-en',
    'appointment-fr',
    'hang-up-early',
    'interrupts',
    'interrupts-often',
    'many-turns',
    'one-question',
    'silent-caller',
  ]);
  for (const name of listScripts())
    expect(readScript(name).from).toMatch(/^\+(3319900\d{4}|3363998\d{4}|447700900\d{3})$/);
});

test('an unknown name lists the names there are', () => {
  expect(() => readScript('appointement-fr')).toThrow(
    'no caller script "appointement-fr"; there are: appointment-en, appointment-fr, hang-up-early, interrupts, interrupts-often, many-turns, one-question, silent-caller',
  );
});

test('a name cannot leave the folder', () => {
  expect(() => readScript('../scripts/appointment-fr')).toThrow(ScriptError);
});

test('an error names the file, the place in it and the reason', () => {
  const { code, message } = errorOf(`${HEAD}steps:\n  - say: Bonjour\n  - dtmf: 12x\n`);
  expect(code).toBe('invalid_script');
  expect(message).toContain(join(folder, 'broken.yaml'));
  expect(message).toContain('steps.1');
});

test.each([
  ['an unknown key', `${HEAD}steps: []\nspeed: 2\n`, /speed/],
  ['an unknown step', `${HEAD}steps:\n  - shout: hello\n`, /none of say, wait/],
  [
    'a number without country',
    HEAD.replace('+33199001234', '0199001234').concat('steps: []\n'),
    /from must be a number like/,
  ],
  ['an answer that is no pattern', `${HEAD}steps: []\nanswers:\n  - when: "("\n    say: x\n`, /answers\.0/],
  ['broken YAML', `${HEAD}steps: [\n`, /broken\.yaml: /],
  ['no content', '', /the file/],
])('%s is refused in one line', (_name, yaml, pattern) => {
  const { message } = errorOf(yaml);
  expect(message).toMatch(pattern);
  expect(message).not.toContain('\n');
});

test('replacing a word changes all that the caller says and nothing else', () => {
  const script = readScript('interrupts');
  const changed = replaceInScript(script, ['heures', 'h']);
  expect(JSON.stringify(script).match(/heures/g)).toHaveLength(2);
  expect(JSON.stringify(changed)).toBe(JSON.stringify(script).replaceAll('heures', 'h'));
});

test('what replaces a word is taken as it is written, and may leave nothing empty or longer than a caller speaks', () => {
  const script = readScript('one-question');
  const said = script.steps.flatMap((step) => ('say' in step ? [step.say] : [])).join('');
  expect(JSON.stringify(replaceInScript(script, [said, 'It costs $& or $1.']))).toContain('It costs $& or $1.');
  expect(replaceInScript(script, [said, ' '])).toBeNull();
  expect(replaceInScript(script, ['e', 'e'.repeat(100_000)])).toBeNull();
});
