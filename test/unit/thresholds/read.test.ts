import { changeText, OWN_TEXT, read } from '../../helpers/thresholds-text.ts';

const MINUTE_MS = 60_000;
const find = (id: string, text = OWN_TEXT) => read(text).limits.find((limit) => limit.id === id);

test('the shipped file has the default limits of each stage', () => {
  const rows = read(OWN_TEXT).limits.map(({ id, warningMs, criticalMs }) => [id, warningMs, criticalMs]);
  expect(rows).toEqual([
    ['setup', 1500, 3000],
    ['response_gap', 1115, 1400],
    ['endpointing', 500, 800],
    ['stt_tail', 350, 500],
    ['llm_first_token', 375, 750],
    ['tts_first_byte', 100, 250],
    ['transcription', 2000, 5000],
    ['reply', 3000, 8000],
    ['synthesis', 1500, 3000],
    ['retrieval', 3000, 8000],
    ['extraction', 3000, 8000],
    ['save', 1000, 3000],
    ['barge_in', 300, 600],
  ]);
});

test('the shipped file warns at more than a tenth, of waits whose warning is a target for the middle at more than half', () => {
  const half = read(OWN_TEXT).limits.filter(({ warning }) => warning.share === 0.5);
  expect(half.map(({ id }) => id)).toEqual(['response_gap', 'stt_tail', 'llm_first_token', 'tts_first_byte']);
  for (const limit of read(OWN_TEXT).limits) {
    expect(limit).toMatchObject({
      warning: { share: half.includes(limit) ? 0.5 : limit.warning.share, forMs: 2 * MINUTE_MS },
      critical: { share: 0.05, forMs: MINUTE_MS },
      minExecutions: 10,
      windowMs: 5 * MINUTE_MS,
    });
    expect([0.1, 0.5]).toContain(limit.warning.share);
  }
});

test('the shipped file has the other default rules', () => {
  expect(read(OWN_TEXT)).toMatchObject({
    maxCallDurationMs: 30 * MINUTE_MS,
    notice: { cooldownMs: 30 * MINUTE_MS },
    deadAir: { warningMs: 3000, criticalMs: 8000 },
    eventLoopBlocked: { warningMs: 100, criticalMs: 500 },
    services: [
      { name: 'bot', goneForMs: 2 * MINUTE_MS },
      { name: 'records', goneForMs: 2 * MINUTE_MS },
    ],
    http: {
      serverErrorsPerSecond: { above: 0.1, forMs: 2 * MINUTE_MS },
      p95: { aboveMs: 2000, forMs: 2 * MINUTE_MS },
    },
    memory: { aboveBytes: 500_000_000, forMs: 5 * MINUTE_MS },
    meanResponseGap: { aboveMs: 2000, forMs: 5 * MINUTE_MS },
    logErrors: { above: 10, windowMs: 5 * MINUTE_MS },
    dependencyDown: { forMs: MINUTE_MS },
    ownRules: [],
  });
});

test('a provider has from the row of its stage what it does not say, and the row is for all others', () => {
  const text = changeText(
    '    critical_ms: 5000\n    errors: true\n',
    `    critical_ms: 5000
    errors: true
    window: 10m
    providers:
      openai: {}
      azure.ai.openai: { warning_ms: 900, critical: { share: 0.2 }, errors: { critical: { ratio: 0.3 } } }
`,
  );
  expect(find('transcription', text)).toMatchObject({ exceptProviders: ['azure.ai.openai', 'openai'] });
  expect(find('transcription_openai', text)).toEqual({
    ...find('transcription', text),
    id: 'transcription_openai',
    provider: 'openai',
    exceptProviders: [],
  });
  expect(find('transcription_azure_ai_openai', text)).toEqual({
    ...find('transcription', text),
    id: 'transcription_azure_ai_openai',
    provider: 'azure.ai.openai',
    exceptProviders: [],
    warningMs: 900,
    critical: { share: 0.2, forMs: MINUTE_MS },
    errors: { warning: { ratio: 0.05, forMs: 2 * MINUTE_MS }, critical: { ratio: 0.3, forMs: MINUTE_MS } },
  });
});

test('errors fire for stages that say so, and not for a provider that says not', () => {
  expect(find('reply')?.errors).toEqual({
    warning: { ratio: 0.05, forMs: 2 * MINUTE_MS },
    critical: { ratio: 0.1, forMs: MINUTE_MS },
  });
  expect(find('endpointing')?.errors).toBeUndefined();
  const text = changeText(
    'critical_ms: 8000\n    errors: true',
    'critical_ms: 8000\n    errors: true\n    providers: { openai: { errors: false } }',
  );
  expect(find('reply_openai', text)?.errors).toBeUndefined();
});

test('the order of the rows in a file says nothing', () => {
  const reply = '  reply:\n    warning_ms: 3000\n    critical_ms: 8000\n    errors: true\n';
  const text = changeText('limits:\n', `limits:\n${reply}`, changeText(reply, ''));
  expect(read(text)).toEqual(read(OWN_TEXT));
});

test('working hours and traffic are days and minutes of a time zone', () => {
  const text = OWN_TEXT.replaceAll(/^#(working_hours|traffic| {2}hours| {2}none_for)/gm, '$1');
  const hours = { days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1140, timeZone: 'Europe/Paris' };
  expect(read(text)).toMatchObject({ workingHours: hours, traffic: { hours, noneForMs: 30 * MINUTE_MS } });
  expect(read(OWN_TEXT)).not.toHaveProperty('workingHours');
  expect(read(OWN_TEXT)).not.toHaveProperty('traffic');
});

test.each([
  ['mon', [1]],
  ['sat-mon', [1, 6, 7]],
  ['mon-wed,sun', [1, 2, 3, 7]],
  ['sun-sat', [1, 2, 3, 4, 5, 6, 7]],
])('the days %s are %j', (days, numbers) => {
  const line = `working_hours: { days: "${days}", from: "00:00", to: "24:00", time_zone: UTC }`;
  expect(read(changeText(/^#working_hours.*$/m, line)).workingHours).toEqual({
    days: numbers,
    fromMinute: 0,
    toMinute: 1440,
    timeZone: 'UTC',
  });
});

test('the example of a rule of one’s own is right when it is uncommented', () => {
  const example = OWN_TEXT.slice(OWN_TEXT.indexOf('#   expensive_calls'), OWN_TEXT.indexOf('own_rules: {}'));
  const text = changeText('own_rules: {}', `own_rules:\n${example.replaceAll(/^#/gm, '')}`);
  expect(read(text).ownRules).toEqual([
    {
      id: 'expensive_calls',
      severity: 'warning',
      expr: 'sum(increase(voice_cost_total[1h])) > 20',
      forMs: 5 * MINUTE_MS,
      keepFiringForMs: 5 * MINUTE_MS,
      summary: 'Calls of the last hour cost {{ $value | printf "%.2f" }} dollars, more than 20.',
      labels: {},
      firing: [{ series: 'voice_cost_total{gen_ai_request_model="a"}', values: '0+1x90' }],
      silent: [{ series: 'voice_cost_total{gen_ai_request_model="a"}', values: '0+0.1x90' }],
    },
  ]);
});
