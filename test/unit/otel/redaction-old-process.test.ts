import { execFileSync } from 'node:child_process';

const SAID = [
  'Avenue de la République, Paris.',
  'I live at 221B Baker Street.',
  'RUE DE LA PAIX, s’il vous plaît',
  'douze rue Foch',
];
const SCRIPT = `
  import { replaceStreetAddresses } from './otel/src/redaction/street-addresses.ts';
  console.log(JSON.stringify(${JSON.stringify(SAID)}.map(replaceStreetAddresses)));
`;

/** What a process of its own, with these flags of V8, makes of what was said. */
function masked(...flags: string[]): unknown {
  const args = [...flags, '--conditions=source', '--input-type=module-typescript', '--eval', SCRIPT];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test('an address is found in a process that has compiled so many expressions that V8 optimizes them no more', () => {
  const fresh = masked();
  expect(fresh).toEqual(['<address>, Paris.', 'I live at <address>.', '<address>, s’il vous plaît', '<address>']);
  expect(masked('--no-regexp-optimization')).toEqual(fresh);
  expect(masked('--no-regexp-optimization', '--regexp-interpret-all')).toEqual(fresh);
});
