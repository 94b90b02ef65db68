import { stringify } from 'yaml';
import { formatDuration } from '../durations.ts';
import type { Thresholds, WorkingHours } from '../model.ts';
import type { Receivers, Role } from './routes-channels.ts';
import { makeReceiver } from './routes-receivers.ts';

/** What a message is about: one alarm of one stage of one provider, however many executions and instances are behind it. */
export const GROUP_BY = ['alertname', 'service_name', 'voice_stage', 'gen_ai_provider_name'] as const;

/** Of one limit the graver alarm is told alone. */
const SAME_LIMIT = ['limit', 'service_name', 'voice_stage', 'gen_ai_provider_name'] as const;
const WORKING_HOURS = 'working-hours';
const ROLES = ['page', 'team', 'chat', 'watchdog'] as const satisfies readonly Role[];
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

const HEAD = `# Made by \`npm run generate\` from thresholds/thresholds.yaml and collector/alertmanager/receivers.yaml. Change those.
`;

/** First message of an alarm: after this, with all that fired meanwhile. */
const GROUP_WAIT = '10s';
/** Next message of the same group, when something joined it or ended. */
const GROUP_INTERVAL = '1m';
/** The same again while it goes on; PagerDuty makes no second incident of it. */
const REPEAT = { page: '30m', team: '4h', watchdog: '5m' } as const;

/**
 * The configuration of Alertmanager: routes, cooldowns, inhibition, working hours, receivers.
 * @returns YAML; templates and secrets are read by Alertmanager itself
 */
export function generateAlertmanager(thresholds: Thresholds, receivers: Receivers): string {
  const { workingHours } = thresholds;
  const config = {
    global: { resolve_timeout: '5m' },
    templates: ['templates/*.tmpl'],
    route: makeRoutes(thresholds),
    inhibit_rules: INHIBITIONS,
    ...(workingHours && {
      time_intervals: [{ name: WORKING_HOURS, time_intervals: [makeInterval(workingHours)] }],
    }),
    receivers: ROLES.map((role) => makeReceiver(receivers, role)),
  };
  // By YAML 1.1, which Alertmanager reads, a bare 08:00 may be a number: so written it gets quotes.
  return HEAD + stringify(config, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' });
}

function makeRoutes(thresholds: Thresholds): object {
  const severity = (value: string) => [`severity="${value}"`];
  return {
    // An alarm of no known severity is read by people; it is never lost.
    receiver: 'team',
    group_by: [...GROUP_BY],
    group_wait: GROUP_WAIT,
    group_interval: GROUP_INTERVAL,
    repeat_interval: REPEAT.team,
    routes: [
      {
        receiver: 'watchdog',
        matchers: ['alertname="Watchdog"'],
        group_wait: '0s',
        repeat_interval: REPEAT.watchdog,
      },
      { receiver: 'page', matchers: severity('critical'), repeat_interval: REPEAT.page, continue: true },
      { receiver: 'team', matchers: severity('critical') },
      { receiver: 'chat', matchers: severity('notice'), repeat_interval: formatDuration(noticeRepeatMs(thresholds)) },
      {
        receiver: 'team',
        matchers: severity('warning'),
        ...(thresholds.workingHours && { active_time_intervals: [WORKING_HOURS] }),
      },
    ],
  };
}

/**
 * The rule of a notice keeps it firing through its cooldown, and the execution stays in the rule's window before that: one
 * execution must not be told a second time until then.
 */
function noticeRepeatMs({ notice, limits }: Thresholds): number {
  const windowMs = Math.max(0, ...limits.map((limit) => limit.windowMs));
  return notice.cooldownMs + 2 * windowMs;
}

const INHIBITIONS = [
  // `limit` is in the matchers: labels that both sides lack count as equal.
  {
    source_matchers: ['severity="critical"', 'limit=~".+"'],
    target_matchers: ['severity=~"warning|notice"', 'limit=~".+"'],
    equal: [...SAME_LIMIT],
  },
  // Two objectives about one stage are two alarms.
  {
    source_matchers: ['severity="critical"'],
    target_matchers: ['severity="warning"'],
    equal: [...GROUP_BY, 'objective'],
  },
  // Of a service that is gone nothing else is news.
  {
    source_matchers: ['alertname="CallspanServiceGone"', 'service_name=~".+"'],
    target_matchers: ['severity=~"warning|notice"'],
    equal: ['service_name'],
  },
];

function makeInterval({ days, fromMinute, toMinute, timeZone }: WorkingHours): object {
  return {
    weekdays: days.map((day) => DAYS[day - 1]),
    times: [{ start_time: clock(fromMinute), end_time: clock(toMinute) }],
    location: timeZone,
  };
}

/** `540` is `09:00`; the end of the day is `24:00`. */
function clock(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
