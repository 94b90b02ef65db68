import { wrongArgument, wrongOption } from '../check-options.ts';
import { Stage } from '../conventions/index.ts';
import type { MeasuredStage } from './stage-request.ts';

const STAGES = new Set<unknown>(Object.values(Stage));
const EXPECTED = 'a stage, such as toolStage({ name: "find_customer" })';
const UNNAMED: MeasuredStage = { name: 'unnamed' };

/** A stage as far as it can be measured, and what is wrong with it. */
export type ReadStage = { readonly stage: MeasuredStage; readonly error: TypeError | undefined };

/** Reads a stage that is told in the middle of a call, so that nothing may be thrown. */
export function readStage(told: unknown): ReadStage {
  if (typeof told !== 'object' || told === null) {
    return { stage: UNNAMED, error: wrongArgument('the stage', told, EXPECTED) };
  }
  const given = told as MeasuredStage;
  const { stage } = given;
  const isNamed = typeof given.name === 'string' && given.name !== '';
  const isKnown = stage === undefined || STAGES.has(stage);
  if (isNamed && isKnown) return { stage: given, error: undefined };
  const { stage: _, ...rest } = given;
  const named = { ...rest, name: isNamed ? given.name : UNNAMED.name };
  const error = isNamed
    ? wrongOption(`the stage of ${given.name}`, stage, `one of ${[...STAGES].join(', ')}`)
    : wrongOption('the name of the stage', given.name, EXPECTED);
  return { stage: isKnown && stage ? { ...named, stage } : named, error };
}

/** Checks what is wrapped, where the app starts. @throws TypeError saying what was expected */
export function checkWrapped(stage: unknown, fn: unknown): void {
  if (typeof fn !== 'function') {
    throw wrongArgument('fn', fn, 'the function to measure, after the stage: wrap(stage, fn)');
  }
  if (typeof stage === 'function') return;
  if (typeof stage !== 'object' || stage === null) {
    throw wrongArgument('the stage', stage, `${EXPECTED}, or a function that returns one`);
  }
  const { error } = readStage(stage);
  if (error) throw error;
}
