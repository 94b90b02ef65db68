import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BotLimits, readLimits } from '../../services/bot/limits.ts';
import { overrideVariable } from '../../thresholds/environment.ts';
import { generateKitOptions, type KitOptions } from '../../thresholds/generate/kit-options.ts';
import { changeText, read } from '../helpers/thresholds-text.ts';

const TEXT = changeText(
  '  transcription:\n    warning_ms: 2000\n',
  '  transcription:\n    providers: { gladia: {}, azure.ai.speech: { warning_ms: 640 } }\n    warning_ms: 2000\n',
);
const folder = mkdtempSync(join(tmpdir(), 'callspan-overrides-'));
const file = join(folder, 'kit-options.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = generateKitOptions(read(TEXT));
writeFileSync(file, JSON.stringify(options));

/** What `npm run generate` with the variable set would tell the bot. */
function generated(env: Readonly<Record<string, string>>): BotLimits {
  const { limits, deadAir, eventLoopBlocked }: KitOptions = generateKitOptions(read(TEXT, env));
  const { id: _, ...blocked } = eventLoopBlocked;
  const stages = limits.map(({ id: __, ...row }) => row) as unknown as BotLimits['stages'];
  return { stages, deadAirMs: deadAir.warningMs, eventLoopBlocked: blocked };
}

const rows = [...options.limits, options.deadAir, options.eventLoopBlocked];
const overrides = rows.flatMap(({ id, warningMs, criticalMs }) => {
  const { boundsMs } = options;
  const below = boundsMs.findLast((bound) => bound < warningMs) ?? warningMs;
  const above = boundsMs.find((bound) => bound > criticalMs) ?? criticalMs;
  return [
    [overrideVariable(id, 'warning'), String(below)],
    [overrideVariable(id, 'critical'), String(above)],
  ] as const;
});

test.each(overrides)('%s=%s means the same to the bot as to what is generated', (variable, value) => {
  const env = { [variable]: value };
  expect(readLimits({ file, overrides: env })).toEqual(generated(env));
});

test('there are variables for stages, for single providers and for what is counted', () => {
  const names = overrides.map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'CALLSPAN_THRESHOLD_RESPONSE_GAP_CRITICAL_MS',
      'CALLSPAN_THRESHOLD_TRANSCRIPTION_AZURE_AI_SPEECH_WARNING_MS',
      'CALLSPAN_THRESHOLD_EVENT_LOOP_BLOCKED_WARNING_MS',
    ]),
  );
});

test('a variable of no limit is refused by both', () => {
  const env = { CALLSPAN_THRESHOLD_THINKING_WARNING_MS: '500' };
  expect(() => readLimits({ file, overrides: env })).toThrow('CALLSPAN_THRESHOLD_THINKING_WARNING_MS');
  expect(() => generated(env)).toThrow('CALLSPAN_THRESHOLD_THINKING_WARNING_MS');
});
