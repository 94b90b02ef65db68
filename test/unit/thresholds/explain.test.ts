import { explain } from '../../../thresholds/commands/explain.ts';
import { listRuleGroups } from '../../../thresholds/generate/rules.ts';
import { changeText, OWN_TEXT, read } from '../../helpers/thresholds-text.ts';

const explained = (text = OWN_TEXT, env: Record<string, string> = {}) => explain(read(text, env), read(text));
const linesOf = (id: string, ...given: Parameters<typeof explained>) =>
  explained(...given).flatMap((paragraph) => (paragraph.id === id ? paragraph.lines : []));

test('a limit is told in words, with its variables and the rules that it becomes', () => {
  expect(linesOf('response_gap')).toEqual([
    'response_gap: executions of response_gap',
    '  warning 1115 ms, critical 1400 ms',
    '    CALLSPAN_THRESHOLD_RESPONSE_GAP_WARNING_MS',
    '    CALLSPAN_THRESHOLD_RESPONSE_GAP_CRITICAL_MS',
    '  CallspanLimitWarning (warning): more than 50 % take more than 1115 ms, of at least 10 in 5m, for 2m',
    '  CallspanLimitCritical (critical): more than 5 % take more than 1400 ms, of at least 10 in 5m, for 1m',
    '  CallspanLimitNotice (notice): a single one takes more than 1400 ms; then not again for 30m',
    expect.stringMatching(/^ {2}records callspan:limit_executions:increase5m, /),
  ]);
});

test('errors of a stage are told with their ratio', () => {
  expect(linesOf('reply')).toContain(
    '  CallspanStageErrorsCritical (critical): more than 10 % end with an error, of at least 10 in 5m, for 1m',
  );
});

test('a row for one provider is told apart from the row for all others', () => {
  const text = changeText('critical_ms: 1400', 'critical_ms: 1400\n    providers: { openai: { warning_ms: 900 } }');
  expect(linesOf('response_gap', text)[0]).toBe('response_gap: executions of response_gap, not those by openai');
  expect(linesOf('response_gap_openai', text).slice(0, 3)).toEqual([
    'response_gap_openai: executions of response_gap by openai',
    '  warning 900 ms, critical 1400 ms',
    '    CALLSPAN_THRESHOLD_RESPONSE_GAP_OPENAI_WARNING_MS',
  ]);
});

test('a figure of the environment is told with the one that it overrides', () => {
  const lines = linesOf('save', OWN_TEXT, { CALLSPAN_THRESHOLD_SAVE_WARNING_MS: '1200' });
  expect(lines[1]).toBe('  warning 1200 ms (the file says 1000), critical 3000 ms');
});

test('every alert that is made of the file is told, without a template in its words', () => {
  const text = explained()
    .flatMap(({ lines }) => lines)
    .join('\n');
  const alerts = Object.values(listRuleGroups(read(OWN_TEXT)))
    .flatMap((groups) => groups.flatMap(({ rules }) => rules))
    .flatMap((rule) => ('alert' in rule ? [`${rule.alert} (${rule.labels.severity}`] : []));
  expect(alerts.length).toBeGreaterThan(50);
  for (const alert of alerts) expect(text).toContain(alert);
  expect(text).not.toMatch(/\{\{|\}\}|\$/);
});
