import { listDurationBoundsMs } from '../../../thresholds/generate/buckets.ts';
import { changeText, lineOf, OWN_TEXT, problemsOf, read } from '../../helpers/thresholds-text.ts';

const WITH_PROVIDERS = changeText(
  'critical_ms: 5000\n    errors: true\n',
  'critical_ms: 5000\n    errors: true\n    providers: { deepgram: { critical_ms: 4000 }, openai: {} }\n',
);
const figuresOf = (id: string, env: Record<string, string>, text = WITH_PROVIDERS) => {
  const { limits, deadAir } = read(text, env);
  const { warningMs, criticalMs } = limits.find((limit) => limit.id === id) ?? deadAir;
  return [warningMs, criticalMs];
};

test('a variable overrides a limit of the file, and becomes a bound of the histogram', () => {
  const env = { CALLSPAN_THRESHOLD_REPLY_WARNING_MS: '2750', CALLSPAN_THRESHOLD_REPLY_CRITICAL_MS: '9000' };
  expect(figuresOf('reply', env)).toEqual([2750, 9000]);
  expect(listDurationBoundsMs(read(OWN_TEXT, env))).toEqual(expect.arrayContaining([2750, 9000]));
  expect(listDurationBoundsMs(read(OWN_TEXT))).not.toContain(2750);
});

test('a provider follows the variable of its stage, but for a figure or a variable of its own', () => {
  const stage = {
    CALLSPAN_THRESHOLD_TRANSCRIPTION_WARNING_MS: '1800',
    CALLSPAN_THRESHOLD_TRANSCRIPTION_CRITICAL_MS: '6000',
  };
  expect(figuresOf('transcription_openai', stage)).toEqual([1800, 6000]);
  expect(figuresOf('transcription_deepgram', stage)).toEqual([1800, 4000]);
  const own = { ...stage, CALLSPAN_THRESHOLD_TRANSCRIPTION_DEEPGRAM_WARNING_MS: '700' };
  expect(figuresOf('transcription_deepgram', own)).toEqual([700, 4000]);
  expect(figuresOf('transcription', own)).toEqual([1800, 6000]);
});

test('a counted limit has variables, too', () => {
  expect(figuresOf('dead_air', { CALLSPAN_THRESHOLD_DEAD_AIR_WARNING_MS: '4000' })).toEqual([4000, 8000]);
});

test('a variable that is empty counts as not set, and one of something else is nobody’s', () => {
  const env = { CALLSPAN_THRESHOLD_REPLY_WARNING_MS: ' ', CALLSPAN_THRESHOLDS: 'x', BOT_PORT: '1' };
  expect(read(OWN_TEXT, env)).toEqual(read(OWN_TEXT));
});

test.each([
  [
    'CALLSPAN_THRESHOLD_RESPONCE_GAP_WARNING_MS',
    '1200',
    'overrides no limit of this file',
    'CALLSPAN_THRESHOLD_RESPONSE_GAP_WARNING_MS',
  ],
  [
    'CALLSPAN_THRESHOLD_REPLY_OPENAI_WARNING_MS',
    '1200',
    'overrides no limit of this file',
    'CALLSPAN_THRESHOLD_REPLY_WARNING_MS',
  ],
  [
    'CALLSPAN_THRESHOLD_REPLY_WARNING_MS',
    '2.5',
    'is 2.5 milliseconds, less than one frame of audio (20); 2.5 s would be 2500',
    undefined,
  ],
  [
    'CALLSPAN_THRESHOLD_REPLY_WARNING_MS',
    '2500ms',
    'must be a number of milliseconds without a unit, is "2500ms"',
    undefined,
  ],
  ['CALLSPAN_THRESHOLD_REPLY_WARNING_MS', '-5', 'must be above 0 milliseconds, is -5', undefined],
])('%s=%s is refused: it %s', (variable, value, reason, nearest) => {
  const [problem, ...others] = problemsOf(OWN_TEXT, { [variable]: value });
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ reason: `${variable} in the environment ${reason}`, ...(nearest && { nearest }) });
  // For a figure of the file its place, for none the beginning.
  const line = nearest ? 1 : lineOf(OWN_TEXT, '  reply:') + 1;
  expect(problem).toMatchObject({ line, path: nearest ? '' : 'limits.reply.warning_ms' });
});

test('a variable that puts a warning above its critical is named with the row of the file', () => {
  const problems = problemsOf(OWN_TEXT, { CALLSPAN_THRESHOLD_REPLY_WARNING_MS: '9000' });
  expect(problems).toMatchObject([
    {
      path: 'limits.reply.warning_ms',
      reason: 'the warning 9000 of CALLSPAN_THRESHOLD_REPLY_WARNING_MS is above the critical 8000',
    },
  ]);
});

test('a variable of dead air must be a bound of the histogram of the kit', () => {
  expect(problemsOf(OWN_TEXT, { CALLSPAN_THRESHOLD_DEAD_AIR_WARNING_MS: '3100' })).toMatchObject([
    {
      path: 'dead_air.warning_ms',
      reason:
        'CALLSPAN_THRESHOLD_DEAD_AIR_WARNING_MS, 3100, is no bound of its histogram; the nearest are 3000 and 4000',
    },
  ]);
});
