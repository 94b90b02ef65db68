import type { Severity, Thresholds } from '../model.ts';
import type { Role } from './routes-channels.ts';

/** One alarm and the receivers that must hear of it, in the order of the routes: what `amtool config routes test` is asked. */
export type RouteCase = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly receivers: readonly Role[];
};

/** Who hears what, said once more and without routes: a critical alarm wakes somebody and is read by all. */
const HEARS: Readonly<Record<Severity, readonly Role[]>> = {
  critical: ['page', 'team'],
  warning: ['team'],
  notice: ['chat'],
};
const SEVERITIES = ['warning', 'critical', 'notice'] as const satisfies readonly Severity[];

/** The alarms of every limit, service and own rule, and those that belong to nobody. */
export function generateRouteCases({ limits, services, ownRules }: Thresholds): readonly RouteCase[] {
  const ofLimits = limits.flatMap(({ id, stage, provider }) =>
    SEVERITIES.map((severity) =>
      alarm(`Limit${capital(severity)}`, severity, {
        limit: id,
        service_name: 'bot',
        voice_stage: stage,
        gen_ai_provider_name: provider ?? 'none',
      }),
    ),
  );
  const ofServices = services.map(({ name }) => alarm('ServiceGone', 'critical', { service_name: name }));
  const ofOwnRules = ownRules.map(({ id, severity, labels }) => alarm(`Own${id}`, severity, labels));
  return [
    ...ofLimits,
    ...ofServices,
    ...ofOwnRules,
    alarm('HttpErrors', 'critical', { service_name: 'bot' }),
    alarm('HttpSlow', 'warning', { service_name: 'bot' }),
    alarm('LogErrors', 'warning', { service_name: 'bot' }),
    { name: 'a sign of life goes to who waits for it', labels: { alertname: 'Watchdog' }, receivers: ['watchdog'] },
    {
      name: 'a sign of life with a severity wakes nobody',
      labels: { alertname: 'Watchdog', severity: 'critical' },
      receivers: ['watchdog'],
    },
    {
      name: 'an alarm without severity is read by people',
      labels: { alertname: 'MadeElsewhere' },
      receivers: ['team'],
    },
    {
      name: 'a severity that nobody knows is read by people',
      labels: { alertname: 'MadeElsewhere', severity: 'page' },
      receivers: ['team'],
    },
  ];
}

function alarm(what: string, severity: Severity, labels: Readonly<Record<string, string>>): RouteCase {
  const alertname = `Callspan${what}`;
  const of = labels.limit ?? labels.service_name;
  return {
    name: `${alertname}${of === undefined ? '' : ` of ${of}`}`,
    labels: { alertname, severity, ...labels },
    receivers: HEARS[severity],
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
