import { z } from 'zod';

const durationMs = z.number().int().min(0).max(600_000);
/** A minute and more of the modem: what is longer is no caller, and takes the machine's time from other calls. */
const LONGEST_UTTERANCE = 2000;
const utterance = z.string().trim().min(1).max(LONGEST_UTTERANCE);
const pattern = z.string().min(1).refine(isPattern, 'is not a regular expression');

const stepSchema = z.union(
  [
    z.strictObject({ say: utterance }),
    z.strictObject({
      wait: z.strictObject({ silenceMs: durationMs.default(600), timeoutMs: durationMs.default(10_000) }),
    }),
    z.strictObject({ silence: durationMs }),
    z.strictObject({ dtmf: z.string().regex(/^[0-9*#A-D]+$/, 'may hold 0-9, *, # and A-D') }),
    z.strictObject({ bargeIn: z.strictObject({ afterMs: durationMs, say: utterance }) }),
    z.strictObject({ hangUp: z.strictObject({ afterBotStartedMs: durationMs.optional() }) }),
  ],
  'is none of say, wait, silence, dtmf, bargeIn, hangUp',
);

const answerSchema = z.union([
  z.strictObject({ when: pattern, say: utterance, times: z.number().int().min(1).default(1) }),
  z.strictObject({ when: pattern, repeat: z.literal(true), times: z.number().int().min(1).default(1) }),
]);

/** How a caller script is written in YAML; unknown keys are errors. */
export const scriptSchema = z.strictObject({
  description: z.string().min(1),
  /** BCP 47, as the bot's language attribute. */
  language: z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'must look like fr or en-GB'),
  /** E.164; from ranges that are kept for fiction. */
  from: z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number like +33199001234'),
  muted: z.boolean().default(false),
  steps: z.array(stepSchema),
  answers: z.array(answerSchema).default([]),
  /** How long the caller still listens after the last step before hanging up, unless the bot ends the call first. */
  maxWaitMs: durationMs.default(15_000),
  /** What a test may expect of the call: outcome and fields of the record. */
  expect: z
    .strictObject({
      outcome: z.string().min(1).optional(),
      endedBy: z.enum(['bot', 'caller']).optional(),
      record: z.record(z.string(), z.unknown()).optional(),
    })
    .default({}),
});

/** One thing the caller does. Times in milliseconds of the line's clock. */
export type ScriptStep = z.infer<typeof stepSchema>;
/** What the caller says when the bot's words match `when`, at most `times` times. */
export type ScriptAnswer = z.infer<typeof answerSchema>;
/** A caller: number, language and steps. */
export type CallerScript = z.infer<typeof scriptSchema> & { readonly name: string };

/** The script with `from` replaced by `to` in all that the caller says; null when that leaves something empty or longer than a caller speaks. */
export function replaceInScript(script: CallerScript, [from, to]: readonly [string, string]): CallerScript | null {
  let isSpeakable = true;
  const swap = (text: string) => {
    const length = text.length + (text.split(from).length - 1) * (to.length - from.length);
    const swapped = length > LONGEST_UTTERANCE ? '' : text.replaceAll(from, () => to).trim();
    isSpeakable &&= swapped !== '';
    return swapped;
  };
  const steps = script.steps.map((step): ScriptStep => {
    if ('say' in step) return { say: swap(step.say) };
    if ('bargeIn' in step) return { bargeIn: { ...step.bargeIn, say: swap(step.bargeIn.say) } };
    return step;
  });
  const answers = script.answers.map((one) => ('say' in one ? { ...one, say: swap(one.say) } : one));
  return isSpeakable ? { ...script, steps, answers } : null;
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'iu') !== undefined;
  } catch {
    return false;
  }
}
