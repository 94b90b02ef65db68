import { changeText, lineOf, OWN_TEXT, problemsOf } from '../../helpers/thresholds-text.ts';

test('the shipped file is right', () => {
  expect(problemsOf(OWN_TEXT)).toEqual([]);
});

/** What is changed in the file, where the problem stands, and what it says. */
const CASES: readonly (readonly [name: string, from: string | RegExp, to: string, at: string, says: object])[] = [
  [
    'a warning above its critical',
    'warning_ms: 1115',
    'warning_ms: 1500',
    'warning_ms: 1500',
    { path: 'limits.response_gap.warning_ms', reason: 'the warning 1500 is above the critical 1400' },
  ],
  [
    'a warning of dead air above its critical',
    'dead_air: { warning_ms: 3000',
    'dead_air: { warning_ms: 10000',
    'dead_air:',
    { path: 'dead_air.warning_ms', reason: 'the warning 10000 is above the critical 8000' },
  ],
  [
    'an error ratio of the warning above the critical',
    'warning: { ratio: 0.05',
    'warning: { ratio: 0.5',
    'errors: true\n',
    { path: 'limits.transcription.errors', reason: 'the ratio 0.5 of the warning is above the critical 0.1' },
  ],
  [
    'a stage that does not exist',
    '  llm_first_token:',
    '  llm_frist_token:',
    '  llm_frist_token:',
    { path: 'limits.llm_frist_token', reason: 'is no known name', nearest: 'llm_first_token' },
  ],
  [
    'a key that does not exist',
    'critical_ms: 1400',
    'critical_ms: 1400\n    min_execution: 5',
    'min_execution:',
    { path: 'limits.response_gap.min_execution', nearest: 'min_executions' },
  ],
  [
    'a key that does not exist, deep in a provider',
    'critical_ms: 1400',
    'critical_ms: 1400\n    providers: { openai: { errors: { warning: { ratoi: 0.1 } } } }',
    'providers: { openai',
    { path: 'limits.response_gap.providers.openai.errors.warning.ratoi', nearest: 'ratio' },
  ],
  [
    'a provider that nobody knows',
    'critical_ms: 1400',
    'critical_ms: 1400\n    providers: { depgram: { warning_ms: 900 } }',
    'providers: { depgram',
    { path: 'limits.response_gap.providers.depgram', nearest: 'deepgram' },
  ],
  [
    'one provider twice',
    'critical_ms: 1400',
    'critical_ms: 1400\n    providers:\n      openai: { warning_ms: 900 }\n      openai: { warning_ms: 800 }',
    'openai: { warning_ms: 800',
    { reason: 'openai is there twice' },
  ],
  [
    'one stage twice',
    'limits:\n',
    'limits:\n  reply: { warning_ms: 1000, critical_ms: 2000 }\n',
    '  reply:\n',
    { reason: 'reply is there twice' },
  ],
  [
    'seconds where milliseconds are meant',
    'critical_ms: 1400',
    'critical_ms: 1.4',
    'critical_ms: 1.4',
    { reason: 'is 1.4 milliseconds, less than one frame of audio (20); 1.4 s would be 1400' },
  ],
  [
    'milliseconds with a unit',
    'critical_ms: 1400',
    'critical_ms: 1400ms',
    'critical_ms: 1400ms',
    { reason: 'must be a number of milliseconds without a unit, is "1400ms"' },
  ],
  [
    'half a millisecond',
    'warning_ms: 1115',
    'warning_ms: 1115.5',
    'warning_ms: 1115.5',
    { reason: 'must be whole milliseconds, is 1115.5' },
  ],
  [
    'a time without a unit',
    'window: 5m\n',
    'window: 5\n',
    'window: 5\n',
    { path: 'defaults.window', reason: 'must be a length of time such as 30s, 5m or 1h30m, is 5; is it 5s or 5m?' },
  ],
  [
    'a time that is too short',
    'window: 5m\n',
    'window: 5s\n',
    'window: 5s\n',
    { reason: 'must be from 1m to 1h, is 5s' },
  ],
  [
    'a pipeline whose silence has no length',
    'queue_share: 0.8, for: 5m',
    'queue_share: 0.8, for: 0s',
    'queue_share: 0.8, for: 0s',
    { path: 'pipeline.for', reason: 'must be from 1m to 6h, is 0s' },
  ],
  [
    'rules that look less often than the shortest window is long',
    'evaluation: 10s',
    'evaluation: 2m',
    'evaluation: 2m',
    { reason: 'must be from 1s to 1m, is 2m' },
  ],
  [
    'percent where a share is meant',
    'critical: { share: 0.05,',
    'critical: { share: 5,',
    'critical: { share: 5,',
    { path: 'defaults.critical.share', reason: 'must be a share from 0 to below 1, is 5; 5 % is 0.05' },
  ],
  [
    'a time zone that does not exist',
    /^#working_hours.*$/m,
    'working_hours: { days: mon-fri, from: "08:00", to: "19:00", time_zone: Europe/Pariss }',
    'working_hours:',
    { path: 'working_hours.time_zone', reason: 'is no time zone of the IANA database', nearest: 'Europe/Paris' },
  ],
  [
    'a time zone in the wrong letters',
    /^#working_hours.*$/m,
    'working_hours: { days: mon-fri, from: "08:00", to: "19:00", time_zone: europe/paris }',
    'working_hours:',
    { path: 'working_hours.time_zone', nearest: 'Europe/Paris' },
  ],
  [
    'hours that end before they begin',
    /^#working_hours.*$/m,
    'working_hours: { days: mon-fri, from: "19:00", to: "08:00", time_zone: UTC }',
    'working_hours:',
    { path: 'working_hours.to' },
  ],
  [
    'an objective for a limit that does not exist',
    'limit: response_gap,',
    'limit: responce_gap,',
    'limit: responce_gap',
    { path: 'objectives.wait.limit', reason: 'responce_gap is the id of no limit', nearest: 'response_gap' },
  ],
  [
    'an HTTP limit that is no bound of the histogram of the kit',
    'p95: { above_ms: 2000',
    'p95: { above_ms: 2100',
    'p95:',
    { path: 'http.p95.above_ms', reason: '2100, is no bound of its histogram; the nearest are 2000 and 2500' },
  ],
  [
    'a severity that does not exist',
    'severity: notice',
    'severity: info',
    'stage_stuck:',
    { path: 'stage_stuck.severity', reason: 'must be warning or critical or notice, is "info"' },
  ],
  [
    'a row without a figure',
    '    critical_ms: 1400\n',
    '',
    '  response_gap:\n',
    { path: 'limits.response_gap.critical_ms', reason: 'is missing' },
  ],
  ['another version', 'version: 1', 'version: 2', 'version: 2', { path: 'version', reason: 'must be 1' }],
  [
    'a tab',
    '    critical_ms: 1400',
    '\tcritical_ms: 1400',
    '\tcritical_ms',
    { reason: 'begins with a tab: YAML is indented with spaces' },
  ],
  [
    'an alias',
    'warning_ms: 1115',
    'warning_ms: *wait',
    'warning_ms: *wait',
    { reason: 'refers to *wait: write the value itself' },
  ],
  [
    'an anchor',
    'warning_ms: 1115',
    'warning_ms: &wait 1115',
    'warning_ms: &wait',
    { reason: 'has the anchor &wait: leave it out' },
  ],
  [
    'a tag',
    'warning_ms: 1115',
    'warning_ms: !!int 1115',
    'warning_ms: !!int',
    { reason: 'has the tag tag:yaml.org,2002:int: leave it out' },
  ],
  [
    'a second document',
    /$/,
    '---\nversion: 1\n',
    '---\nversion: 1\n',
    { reason: 'begins a second document: the file is one' },
  ],
];

test.each(CASES)('%s is refused with its place and the reason', (_name, ...[from, to, at, says]) => {
  const text = changeText(from, to);
  const [problem] = problemsOf(text);
  expect(problem).toMatchObject({ line: lineOf(text, at), ...says });
});

test('everything that is wrong is told at once, from the top', () => {
  const text = changeText('critical_ms: 1400', 'critical_ms: 1.4', changeText('window: 5m\n', 'window: 5\n'));
  expect(problemsOf(text).map(({ path }) => path)).toEqual(['defaults.window', 'limits.response_gap.critical_ms']);
});

test.each([
  ['nothing', ''],
  ['a comment', '# nothing yet\n'],
  ['null', '~\n'],
])('a file of %s is refused as empty', (_name, text) => {
  expect(problemsOf(text)).toEqual([{ line: 1, column: 1, path: '', reason: 'is empty' }]);
});

test.each([
  ['a list', '- 1\n- 2\n'],
  ['a word', 'hello\n'],
])('a file that is %s is refused as no map', (_name, text) => {
  expect(problemsOf(text)).toEqual([{ line: 1, column: 1, path: '', reason: 'must be a map of keys and values' }]);
});

test('rows that share no figures and would make too many bounds are refused', () => {
  const vendors = [
    'anthropic',
    'cohere',
    'deepgram',
    'groq',
    'openai',
    'rime',
    'soniox',
    'gladia',
    'cartesia',
    'elevenlabs',
  ];
  const rows = vendors.map(
    (name, index) => `      ${name}: { warning_ms: ${101 + index}, critical_ms: ${2001 + index} }`,
  );
  const withRows = (count: number) =>
    changeText(
      'critical_ms: 5000\n    errors: true\n',
      `critical_ms: 5000\n    providers:\n${rows.slice(0, count).join('\n')}\n`,
    );
  const stage = (text: string) =>
    changeText(
      'critical_ms: 3000\n    errors: true\n  retrieval',
      `critical_ms: 3000\n    errors: true\n    providers:\n${rows.map((row) => row.replaceAll(/(\d+)/g, '$13')).join('\n')}\n  retrieval`,
      text,
    );
  expect(problemsOf(withRows(10))).toEqual([]);
  const text = stage(withRows(10));
  expect(problemsOf(text)).toEqual([
    expect.objectContaining({
      path: 'limits',
      line: lineOf(text, '\nlimits:') + 1,
      reason: expect.stringContaining('make 73 bounds of the histogram of span durations, 13 more than the 60'),
    }),
  ]);
});

test('two providers whose variables would have one name are refused', () => {
  const row = 'critical_ms: 1400\n    providers: { my-voice: { warning_ms: 900 }, my.voice: { warning_ms: 800 } }';
  const text = changeText('providers: []', 'providers: [my-voice, my.voice]', changeText('critical_ms: 1400', row));
  expect(problemsOf(text)).toMatchObject([{ reason: 'is a second row for my-voice: both are response_gap_my_voice' }]);
});

test('two rules of one’s own that would be one alert are refused', () => {
  const rule = 'severity: warning, expr: up, for: 1m, summary: s, firing: { up: 1x9 }, silent: { up: 1x9 }';
  const text = changeText('own_rules: {}', `own_rules:\n  high_cost: { ${rule} }\n  highcost: { ${rule} }\n`);
  expect(problemsOf(text)).toMatchObject([{ path: 'own_rules.highcost', reason: 'makes the same alert as high_cost' }]);
});

test('a rule of one’s own may not set a label that each rule has', () => {
  const rule =
    'severity: warning, expr: up, for: 1m, summary: s, firing: { up: 1x9 }, silent: { up: 1x9 }, labels: { severity: x }';
  expect(problemsOf(changeText('own_rules: {}', `own_rules:\n  high: { ${rule} }`))).toMatchObject([
    { path: 'own_rules.high.labels.severity' },
  ]);
});
