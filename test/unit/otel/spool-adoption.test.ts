import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSpoolStage, deliverAll, numberedBatch, type SpoolStage } from '../../helpers/spool-storage.ts';

let stage: SpoolStage;
beforeEach(() => {
  stage = createSpoolStage();
});
afterEach(() => stage.close());

/** A process that stored a span of that number and was killed. @returns the name of its file */
function leaveBehind(member: string, number: number): string {
  stage.open({ member }).store('traces', numberedBatch(number));
  // No process has this number.
  stage.rewriteOwner(member, { pid: 2 ** 30, start: '' });
  return stage.filesOf(member)[0] ?? '';
}
const below = (...names: string[]) => join(stage.root, 'p1-test', ...names);

test('a file that cannot be taken over stays where it is, is told, and is taken over when it can be', async () => {
  const name = leaveBehind('p1-gone', 1);
  leaveBehind('p2-gone', 2);
  const storage = stage.open();
  // A folder in the way: no file can be moved there.
  mkdirSync(below(name));
  await storage.adopt();
  expect(deliverAll(storage)).toEqual([2]);
  expect(stage.problems).toEqual(['adopt']);
  expect(readdirSync(below('from-p1-gone'))).toContain(name);
  rmdirSync(below(name));
  await storage.adopt();
  expect(deliverAll(storage)).toEqual([1]);
  expect(readdirSync(below())).toEqual(['owner.json']);
});

test('a file that cannot be read now stays where it is, and is taken over when it can be', async () => {
  const name = leaveBehind('p1-gone', 1);
  const storage = stage.open();
  mkdirSync(join(stage.root, 'p1-gone', `0-${name}`));
  await storage.adopt();
  expect(deliverAll(storage)).toEqual([1]);
  expect(readdirSync(below('from-p1-gone'))).toContain(`0-${name}`);
  rmSync(below('from-p1-gone', `0-${name}`), { recursive: true });
  await storage.adopt();
  expect(readdirSync(below())).toEqual(['owner.json']);
});

test('a folder that cannot be taken over keeps none of the others from it', async () => {
  for (const [index, member] of ['p1-gone', 'p2-gone', 'p3-gone'].entries()) leaveBehind(member, index);
  const storage = stage.open();
  // A file in the way: no folder can be moved there.
  writeFileSync(below('from-p1-gone'), '');
  await storage.adopt();
  expect(deliverAll(storage)).toEqual([1, 2]);
  expect(stage.problems).toEqual(['adopt']);
  rmSync(below('from-p1-gone'));
  await storage.adopt();
  expect(deliverAll(storage)).toEqual([0]);
});
