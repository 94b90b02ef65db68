import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCallspan } from 'callspan';
import { readBotConfig } from '../../../services/bot/config.ts';
import { readLimits, runLimits } from '../../../services/bot/limits.ts';
import { generateKitOptions } from '../../../thresholds/generate/kit-options.ts';
import { makeLimit, makeThresholds } from '../../helpers/made-thresholds.ts';
import { startSpanRecorder } from '../../helpers/recorded-spans.ts';

const GENERATED = 'thresholds/generated/kit-options.generated.json';
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-limits-'));
  file = join(folder, 'kit-options.json');
  write(generateKitOptions(makeThresholds()));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (options: unknown) => writeFileSync(file, JSON.stringify(options));
const read = (overrides: Record<string, string> = {}) => readLimits({ file, overrides });
const config = (more: Record<string, string> = {}) =>
  readBotConfig({
    OPENAI_API_KEY: 'a',
    TWILIO_AUTH_TOKEN: 'b',
    TWILIO_ACCOUNT_SID: 'c',
    CALLSPAN_STREAM_SECRET: 'd',
    CALLSPAN_HMAC_KEY: 'e',
    CALLSPAN_DATA_DIR: folder,
    ...more,
  });

test('a bot takes the limits that were generated, and no others', () => {
  const { limits, deadAir } = JSON.parse(readFileSync(GENERATED, 'utf8'));
  const { stages, deadAirMs } = config().limits;
  expect(stages).toEqual(limits.map(({ id: _, ...row }: { id: string }) => row));
  expect(deadAirMs).toBe(deadAir.warningMs);
  expect(config({ CALLSPAN_KIT_OPTIONS_PATH: file }).limits.stages).toHaveLength(4);
});

describe('a variable', () => {
  test('puts a figure over the one of the file, for a stage, for one provider, for dead air', () => {
    const { stages, deadAirMs } = read({
      CALLSPAN_THRESHOLD_RESPONSE_GAP_CRITICAL_MS: '1600',
      CALLSPAN_THRESHOLD_TRANSCRIPTION_DEEPGRAM_WARNING_MS: '600',
      CALLSPAN_THRESHOLD_DEAD_AIR_WARNING_MS: '4000',
    });
    expect(stages[0]).toEqual({ stage: 'response_gap', warningMs: 1115, criticalMs: 1600 });
    expect(stages[1]).toEqual({ stage: 'transcription', warningMs: 2000, criticalMs: 5000 });
    expect(stages[2]).toEqual({ stage: 'transcription', provider: 'deepgram', warningMs: 600, criticalMs: 2000 });
    expect(deadAirMs).toBe(4000);
  });

  test('for a stage counts for the providers that have its figure, and not for those with one of their own', () => {
    const [gap, all, own] = makeThresholds().limits;
    const like = makeLimit({ stage: 'transcription', provider: 'gladia', warningMs: 2000, criticalMs: 4000 });
    write(generateKitOptions(makeThresholds({ limits: [gap!, all!, own!, like] })));
    const warnings = (overrides: Record<string, string>) => read(overrides).stages.map(({ warningMs }) => warningMs);
    expect(warnings({ CALLSPAN_THRESHOLD_TRANSCRIPTION_WARNING_MS: '1500' })).toEqual([1115, 1500, 640, 1500]);
    expect(
      warnings({
        CALLSPAN_THRESHOLD_TRANSCRIPTION_GLADIA_WARNING_MS: '1800',
        CALLSPAN_THRESHOLD_TRANSCRIPTION_WARNING_MS: '1500',
      }),
    ).toEqual([1115, 1500, 640, 1800]);
  });

  test('that is empty counts as not set', () => {
    expect(config({ CALLSPAN_THRESHOLD_SAVE_WARNING_MS: '' }).limitSource.overrides).toEqual({});
  });

  test.each([
    [
      { CALLSPAN_THRESHOLD_RESPONSE_GAP_WARNING_MS: '1116' },
      'CALLSPAN_THRESHOLD_RESPONSE_GAP_WARNING_MS=1116: no bound of the histograms that alerts count in; the nearest are 1115 and 1200,',
    ],
    [{ CALLSPAN_THRESHOLD_SAVE_CRITICAL_MS: '31000' }, 'the nearest is 30000,'],
    [{ CALLSPAN_THRESHOLD_SAVE_CRITICAL_MS: '1.4' }, 'CALLSPAN_THRESHOLD_SAVE_CRITICAL_MS=1.4: no bound of'],
    [{ CALLSPAN_THRESHOLD_SAVE_CRITICAL_MS: '1.4' }, '; 1.4 s would be 1400'],
    [{ CALLSPAN_THRESHOLD_SAVE_CRITICAL_MS: '3s' }, 'CALLSPAN_THRESHOLD_SAVE_CRITICAL_MS=3s: must be milliseconds'],
    [
      { CALLSPAN_THRESHOLD_SAFE_CRITICAL_MS: '3000' },
      'CALLSPAN_THRESHOLD_SAFE_CRITICAL_MS=3000: overrides no limit; the nearest is CALLSPAN_THRESHOLD_SAVE_CRITICAL_MS',
    ],
    [
      { CALLSPAN_THRESHOLD_SAVE_WARNING_MS: '4000' },
      'CALLSPAN_THRESHOLD_SAVE_WARNING_MS=4000: save would warn above 4000 ms and be critical above 3000 ms',
    ],
  ])('is refused at the start with its name, its value and what is near: %j', (overrides, message) => {
    expect(() => config({ CALLSPAN_KIT_OPTIONS_PATH: file, ...overrides })).toThrow(message);
  });
});

test.each<[string, (options: ReturnType<typeof generateKitOptions>) => unknown, string]>([
  ['unknown stage', (o) => ({ ...o, limits: [{ ...o.limits[0], stage: 'thinking' }] }), 'limits.0.stage: '],
  ['reversed', (o) => ({ ...o, deadAir: { ...o.deadAir, warningMs: 9000 } }), 'dead_air: warningMs 9000 is above 8000'],
  ['twice', (o) => ({ ...o, limits: [...o.limits, o.limits[2]] }), 'two rows for transcription of deepgram'],
  ['not a figure', (o) => ({ ...o, limits: [{ ...o.limits[0], warningMs: '1115' }] }), 'limits.0.warningMs: '],
  ['zero', (o) => ({ ...o, limits: [{ ...o.limits[0], warningMs: 0 }] }), 'limits.0.warningMs: '],
  ['without bounds', (o) => ({ ...o, boundsMs: [] }), 'boundsMs: '],
  ['a list', () => [], 'the whole: '],
])('a file that is %s is refused with its name and the place', (_, change, message) => {
  write(change(generateKitOptions(makeThresholds())));
  expect(() => read()).toThrow(`${file} is no file of limits (npm run generate makes one): ${message}`);
});

test.each<[string, () => void, string]>([
  ['empty', () => writeFileSync(file, ''), 'Unexpected end of JSON input'],
  ['no JSON', () => writeFileSync(file, 'limits:\n- a'), 'Unexpected token'],
  ['huge', () => writeFileSync(file, ' '.repeat(1_000_001)), 'it is longer than 1000000 bytes'],
  ['missing', () => undefined, 'ENOENT'],
  ['a folder', () => mkdirSync(file), 'it is no plain file'],
  ['a link to itself', () => symlinkSync(file, file), 'ELOOP'],
])('a file that is %s is refused with its name, in one line', (_, spoil, reason) => {
  rmSync(file);
  spoil();
  expect(() => read()).toThrow(/^.*kit-options\.json is no file of limits .*$/);
  expect(() => read()).toThrow(reason);
});

describe('limits in force', () => {
  const lines: { readonly level: string; readonly text: string }[] = [];
  const logger = {
    info: (text: string) => void lines.push({ level: 'info', text }),
    error: (text: string) => void lines.push({ level: 'error', text }),
  };
  const run = (speed = 1) => {
    lines.length = 0;
    const limitSource = { file, overrides: {} };
    return runLimits({ limits: readLimits(limitSource), limitSource, speed }, logger);
  };
  const changed = () => {
    const [gap, ...rest] = makeThresholds().limits;
    return generateKitOptions(
      makeThresholds({
        limits: [{ ...gap!, warningMs: 200, criticalMs: 500 }, ...rest],
        deadAir: { warningMs: 4000, criticalMs: 8000 },
        eventLoopBlocked: { warningMs: 200, criticalMs: 500 },
      }),
    );
  };

  test('are shorter for a clock that runs faster, but for what the media clock counts', () => {
    const running = run(4);
    expect(running.stages[0]).toEqual({ stage: 'response_gap', warningMs: 278.75, criticalMs: 350 });
    expect(running.deadAirMs).toBe(3000);
  });

  test('change in a kit that is running when the file is read again, for a call that is going on, too', async () => {
    const recorder = startSpanRecorder();
    const running = run();
    const callspan = createCallspan({ tracer: recorder.tracer, limits: running.stages });
    const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
    const wait = (name: string) => call.startSpan({ name, stage: 'response_gap' }).end(call.clock.now() + 300);
    wait('before');
    write(changed());
    running.reload();
    wait('after');
    call.end({ reason: 'bot_hangup', outcome: 'saved' });
    expect(recorder.named('before').attributes['voice.threshold.level']).toBeUndefined();
    expect(recorder.named('after').attributes['voice.threshold.level']).toBe('warning');
    expect(running.deadAirMs).toBe(4000);
    expect(running.eventLoopBlocked.warningMs).toBe(200);
    expect(lines).toEqual([{ level: 'info', text: `limits read again from ${file}: in force from now on` }]);
    await recorder.close();
  });

  test('stay as they were when the file is refused, and one line says why', () => {
    const running = run();
    const before = structuredClone(running.stages);
    write({ ...changed(), boundsMs: 'none' });
    running.reload();
    expect(running.stages).toEqual(before);
    expect(running.deadAirMs).toBe(3000);
    expect(lines).toEqual([
      {
        level: 'error',
        text: expect.stringMatching(/^limits not read again, the ones before stay in force: .*boundsMs/),
      },
    ]);
  });
});
