import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { generateAlertmanager } from '../../../thresholds/generate/routes.ts';
import { type Receivers, readReceivers } from '../../../thresholds/generate/routes-channels.ts';
import { generateRouteCases } from '../../../thresholds/generate/routes-table.ts';
import type { Thresholds } from '../../../thresholds/model.ts';
import { makeThresholds } from '../../helpers/made-thresholds.ts';

const FILE = 'collector/alertmanager/receivers.yaml';
const own = () => readReceivers(readFileSync(FILE, 'utf8'), FILE);
const hours = { days: [1, 2, 3, 4, 5], fromMinute: 510, toMinute: 1440, timeZone: 'Europe/Paris' };

type Route = {
  receiver: string;
  matchers?: string[];
  continue?: boolean;
  repeat_interval?: string;
  active_time_intervals?: string[];
  group_by?: string[];
  routes?: Route[];
};
type Inhibition = { source_matchers: string[]; target_matchers: string[]; equal: string[] };
type Config = {
  route: Route & { routes: Route[] };
  inhibit_rules: Inhibition[];
  time_intervals?: { name: string; time_intervals: object[] }[];
  receivers: ({ name: string } & Record<string, unknown>)[];
};

function configOf(thresholds: Thresholds = makeThresholds(), receivers: Receivers = own()): Config {
  return parse(generateAlertmanager(thresholds, receivers)) as Config;
}

function matches(matchers: readonly string[], labels: Readonly<Record<string, string>>): boolean {
  return matchers.every((matcher) => {
    const [, name = '', operator, value = ''] = /^(\w+)(=~?)"(.*)"$/.exec(matcher) ?? [];
    const found = labels[name] ?? '';
    return operator === '=~' ? new RegExp(`^(?:${value})$`).test(found) : found === value;
  });
}

function receiversOf({ route }: Config, labels: Readonly<Record<string, string>>): string[] {
  const reached: string[] = [];
  for (const child of route.routes) {
    if (!matches(child.matchers ?? [], labels)) continue;
    reached.push(child.receiver);
    if (!child.continue) return reached;
  }
  return reached.length === 0 ? [route.receiver] : reached;
}

function mutes({ inhibit_rules }: Config, source: Record<string, string>, target: Record<string, string>): boolean {
  return inhibit_rules.some(
    (rule) =>
      matches(rule.source_matchers, source) &&
      matches(rule.target_matchers, target) &&
      rule.equal.every((name) => (source[name] ?? '') === (target[name] ?? '')),
  );
}

test('every alarm of the table reaches the receivers that the table names', () => {
  const cases = generateRouteCases(makeThresholds());
  expect(cases.length).toBeGreaterThan(15);
  for (const { name, labels, receivers } of cases) {
    expect([name, receiversOf(configOf(), labels)]).toEqual([name, receivers]);
  }
});

test('one message speaks of one alarm of one stage of one provider', () => {
  expect(configOf().route.group_by).toEqual(['alertname', 'service_name', 'voice_stage', 'gen_ai_provider_name']);
});

test('a notice that fires for one execution ends before it would be told again', () => {
  const repeats = (cooldownMs: number) =>
    configOf(makeThresholds({ notice: { cooldownMs } })).route.routes.find((route) => route.receiver === 'chat')
      ?.repeat_interval;
  expect(repeats(1_800_000)).toBe('40m');
  expect(repeats(7_200_000)).toBe('2h10m');
});

test('warnings wait for working hours where there are some; nothing else waits', () => {
  const { route, time_intervals } = configOf(makeThresholds({ workingHours: hours }));
  expect(time_intervals).toEqual([
    {
      name: 'working-hours',
      time_intervals: [
        {
          weekdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
          times: [{ start_time: '08:30', end_time: '24:00' }],
          location: 'Europe/Paris',
        },
      ],
    },
  ]);
  const waiting = route.routes.filter((child) => child.active_time_intervals !== undefined);
  expect(waiting.map((child) => child.matchers)).toEqual([['severity="warning"']]);
  expect(JSON.stringify(configOf())).not.toContain('time_interval');
});

const limit = (severity: string, more: Record<string, string> = {}) => ({
  alertname: `CallspanLimit_${severity}`,
  severity,
  limit: 'reply',
  service_name: 'bot',
  voice_stage: 'reply',
  gen_ai_provider_name: 'openai',
  ...more,
});

test.each([
  ['a critical alarm mutes the warning of its limit', limit('critical'), limit('warning'), true],
  ['a critical alarm mutes the notice of its limit', limit('critical'), limit('notice'), true],
  ['not of another limit', limit('critical'), limit('warning', { limit: 'save', voice_stage: 'save' }), false],
  ['not of another provider', limit('critical'), limit('warning', { gen_ai_provider_name: 'mistral' }), false],
  ['not of another service', limit('critical'), limit('warning', { service_name: 'records' }), false],
  ['a warning mutes nothing', limit('warning'), limit('critical'), false],
  [
    'labels that both lack do not make a pair',
    { severity: 'critical', alertname: 'A' },
    { severity: 'warning', alertname: 'B' },
    false,
  ],
  [
    'the same alarm at two severities',
    { severity: 'critical', alertname: 'A' },
    { severity: 'warning', alertname: 'A' },
    true,
  ],
  [
    'a service that is gone mutes its warnings',
    { alertname: 'CallspanServiceGone', severity: 'critical', service_name: 'bot' },
    limit('warning'),
    true,
  ],
  [
    'but no critical alarm',
    { alertname: 'CallspanServiceGone', severity: 'critical', service_name: 'bot' },
    limit('critical'),
    false,
  ],
])('inhibition: %s', (_, source, target, muted) => {
  expect(mutes(configOf(), source, target)).toBe(muted);
});

test('the end of an alarm is told where the alarm was, and the end of a notice nowhere', () => {
  const told = configOf().receivers.map(({ name, ...kinds }) => [
    name,
    Object.values(kinds as Record<string, { send_resolved: boolean }[]>).flatMap((list) =>
      list.map((one) => one.send_resolved),
    ),
  ]);
  expect(told).toEqual([
    ['page', [true]],
    ['team', [true, true]],
    ['chat', [false]],
    ['watchdog', [false]],
  ]);
});

test('no secret stands in the configuration: each is the path of a file', () => {
  const text = generateAlertmanager(makeThresholds(), own());
  expect(text).not.toMatch(/^\s*(- )?(api_url|url|routing_key|service_key|auth_password|credentials):/m);
  expect(text.match(/_file: \/etc\/alertmanager\/secrets\//g)?.length).toBe(5);
});

test('a team that has only Slack has nothing else in its configuration, and the same routes', () => {
  const { channels } = own();
  const receivers = { channels, roles: { page: [], team: ['slack'], chat: ['slack'], watchdog: [] } };
  const config = configOf(makeThresholds(), receivers);
  expect(config.receivers.map((receiver) => Object.keys(receiver))).toEqual([
    ['name'],
    ['name', 'slack_configs'],
    ['name', 'slack_configs'],
    ['name'],
  ]);
  expect(config.route).toEqual(configOf().route);
});

test('every template that a receiver names is defined', () => {
  const defined = [
    ...readFileSync('collector/alertmanager/templates/callspan.tmpl', 'utf8').matchAll(/define "([^"]+)"/g),
  ].map((match) => match[1]);
  const named = [...generateAlertmanager(makeThresholds(), own()).matchAll(/template "([^"]+)"/g)];
  expect(named.length).toBeGreaterThan(8);
  for (const [, name] of named) expect(defined).toContain(name);
});

const file = (roles: string, channels = 'slack: { type: slack, url_file: /run/slack }') =>
  `version: 1\nroles:\n  ${roles.replaceAll(', ', '\n  ')}\nchannels:\n  ${channels}\n`;
const roles = 'page: [], team: [slack], chat: [slack], watchdog: []';

test.each([
  [
    'an unknown channel',
    file(roles.replace('team: [slack]', 'team: [slak]')),
    /:4:3 roles\.team\.0: .*did you mean slack/,
  ],
  [
    'a channel that hears each critical alarm twice',
    file(roles.replace('page: []', 'page: [slack]')),
    /:3:3 roles\.page: .*twice/,
  ],
  ['critical alarms that nobody hears', file(roles.replace('team: [slack]', 'team: []')), /:2:1 roles: .*nobody/],
  [
    'a secret written into the file',
    file(roles, 'slack: { type: slack, url: "https://x.example" }'),
    /channels\.slack/,
  ],
  [
    'a relative path',
    file(roles, 'slack: { type: slack, url_file: secrets/slack }'),
    /:8:\d+ channels\.slack\.url_file: .*absolute/,
  ],
  ['an unknown kind', file(roles, 'slack: { type: irc, url_file: /a }'), /:8:\d+ channels\.slack/],
  ['tabs', 'version: 1\nroles:\n\tpage: []\n', /:3:1 .*[Tt]ab/],
  ['a key twice', `${file(roles)}version: 1\n`, /:9:\d+ .*unique/],
  ['an empty file', '', /:1:1 /],
])('refused with its line: %s', (_, text, reason) => {
  expect(() => readReceivers(text, 'receivers.yaml')).toThrow(reason);
});

test('nobody at all may be told: every list empty', () => {
  const text = file('page: [], team: [], chat: [], watchdog: []');
  expect(readReceivers(text, 'receivers.yaml').roles.team).toEqual([]);
});

test.each([
  ['url_file: /s/slack', 'url: https://hooks.slack.com/x', ':4:25 channels.slack.url: a secret stands in a file'],
  ['url_file: /s/slack', 'chanel: x', ':4:25 channels.slack.chanel: is no known name'],
  ['url_file: /s/slack', 'chanel: x', 'channels.slack.url_file: is missing'],
  ['type: slack', 'type: slac', 'channels.slack.type: must be pagerduty or slack or email or webhook'],
  ['version: 1', 'version: 3', ':1:1 version: must be 1'],
  ['  slack:', '\tslack:', ':4:1 begins with a tab: YAML is indented with spaces'],
])('a file of receivers with %j in place of %j is refused in words of its own', (right, wrong, told) => {
  const text = [
    'version: 1',
    'roles: { page: [], team: [slack], chat: [slack], watchdog: [] }',
    'channels:',
    '  slack: { type: slack, url_file: /s/slack }',
    '',
  ].join('\n');
  expect(() => readReceivers(text.replace(right, wrong), 'receivers.yaml')).toThrow(told);
});
