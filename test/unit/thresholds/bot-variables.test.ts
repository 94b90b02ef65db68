import fc from 'fast-check';
import { applyOverrides } from '../../../services/bot/limit-overrides.ts';
import { KIT_BOUNDS_MS } from '../../../thresholds/bounds.ts';
import { variablesOf } from '../../../thresholds/commands/words.ts';
import { generateKitOptions } from '../../../thresholds/generate/kit-options.ts';
import { ThresholdsError } from '../../../thresholds/problems.ts';
import { COUNTED_IDS } from '../../../thresholds/resolve.ts';
import { changeText, read } from '../../helpers/thresholds-text.ts';

const TEXT = changeText(
  'critical_ms: 5000\n    errors: true\n',
  'critical_ms: 5000\n    errors: true\n    providers: { deepgram: { critical_ms: 4000 }, openai: {}, azure.ai.openai: { warning_ms: 900 } }\n',
);
const VARIABLES = [...read(TEXT).limits.map(({ id }) => id), ...COUNTED_IDS].flatMap(variablesOf);

type Figures = { readonly warningMs: number; readonly criticalMs: number };
const figures = ({ warningMs, criticalMs }: Figures) => [warningMs, criticalMs];

/** The figures of every limit, or that they are refused. */
const ofGenerate = (env: Record<string, string>) => {
  try {
    const { limits, deadAir, eventLoopBlocked } = read(TEXT, env);
    return [...limits, deadAir, eventLoopBlocked].map(figures);
  } catch (error) {
    if (error instanceof ThresholdsError) return 'refused';
    throw error;
  }
};

const ofBot = (env: Record<string, string>) => {
  const made = generateKitOptions(read(TEXT));
  try {
    const { limits, deadAir, eventLoopBlocked } = applyOverrides(made as Parameters<typeof applyOverrides>[0], env);
    return [...limits, deadAir, eventLoopBlocked].map(figures);
  } catch {
    return 'refused';
  }
};

test('the bot takes every variable that explain tells, and makes of it what generate makes of it', () => {
  const some = fc.dictionary(fc.constantFrom(...VARIABLES), fc.constantFrom(...KIT_BOUNDS_MS).map(String), {
    maxKeys: 3,
  });
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(some, (env) => {
      seen.add(ofGenerate(env) === 'refused');
      expect(ofBot(env)).toEqual(ofGenerate(env));
    }),
    { numRuns: 60 },
  );
  expect(seen).toEqual(new Set([true, false]));
});

test.each(VARIABLES)('%s is one of the bot’s', (variable) => {
  const level = variable.endsWith('_CRITICAL_MS') ? '30000' : '50';
  expect(ofBot({ [variable]: level })).toEqual(ofGenerate({ [variable]: level }));
  expect(ofBot({ [variable]: level })).not.toBe('refused');
});
