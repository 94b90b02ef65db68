import { compareRules } from '../../../thresholds/commands/compare-rules.ts';
import { listRules } from '../../../thresholds/commands/rule-list.ts';
import { listRuleGroups } from '../../../thresholds/generate/rules.ts';
import { changeText, OWN_TEXT, read } from '../../helpers/thresholds-text.ts';

const rulesOf = (text: string) => listRules(Object.values(listRuleGroups(read(text))).flat());
const compare = (wanted: string, running: string) =>
  compareRules(rulesOf(wanted), rulesOf(running), (expr) => Promise.resolve(expr));

test('the same file has no difference', async () => {
  expect(await compare(OWN_TEXT, OWN_TEXT)).toEqual({ added: [], removed: [], changed: [] });
});

test('a row that comes is added, one that goes is removed', async () => {
  const more = changeText(
    'critical_ms: 800\n',
    'critical_ms: 800\n  bot_queue:\n    warning_ms: 100\n    critical_ms: 300\n',
  );
  const added = await compare(more, OWN_TEXT);
  expect(added).toMatchObject({ removed: [] });
  expect(added.added).toContain('alert CallspanLimitCritical{limit="bot_queue",severity="critical"}');
  expect(await compare(OWN_TEXT, more)).toMatchObject({ added: [], removed: added.added });
});

test('a figure that changes is told for the rules that it is in, and no other', async () => {
  const changed = await compare(
    changeText('critical: { share: 0.05, for: 1m }', 'critical: { share: 0.05, for: 3m }'),
    OWN_TEXT,
  );
  expect(changed).toMatchObject({ added: [], removed: [] });
  expect(changed.changed.map(({ name }) => name.split('{')[0])).toEqual(Array(13).fill('alert CallspanLimitCritical'));
  expect(changed.changed[0]?.changes).toContainEqual({ what: 'for', running: '1m', wanted: '3m' });
});

test('an expression that is spelled differently is the same when it is normalized to one', async () => {
  const spelled = rulesOf(OWN_TEXT).map((rule) => ({ ...rule, expr: `( ${rule.expr} )` }));
  const normalize = (expr: string) => Promise.resolve(expr.replace(/^\( ([\s\S]*) \)$/, '$1'));
  expect((await compareRules(rulesOf(OWN_TEXT), spelled, normalize)).changed).toEqual([]);
});

test('groups of others are nobody’s difference', () => {
  expect(listRules([{ name: 'node-exporter', interval: '1m', rules: [{ record: 'a:b', expr: 'up' }] }])).toEqual([]);
});
