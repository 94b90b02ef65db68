import { Attr, type LogEvent } from 'callspan/conventions';
import { labelOf, quote } from '../../thresholds/generate/rules/promql.ts';

/** Labels that Loki has beside those of the attributes: the level it reads from the severity, and the logger's context. */
export const LogLabel = {
  level: 'detected_level',
  context: 'scope_name',
  event: 'event_name',
  service: labelOf(Attr.serviceName),
  environment: labelOf(Attr.deploymentEnvironment),
} as const;

/** A filter behind the stream selector: these are no index labels. */
export type LineFilter = `| ${string}`;

/** Lines of the services and the environment that the board shows. */
export function linesOf(...filters: readonly LineFilter[]): string {
  return [selector('$service'), ...filters].join(' ');
}

/** The same of one service, where a panel is repeated for each. */
export function linesOfOne(): string {
  return `{${LogLabel.service}="$service",${LogLabel.environment}=~"$environment"}`;
}

/** Lines of these levels. */
export function ofLevel(...levels: readonly string[]): LineFilter {
  return `| ${LogLabel.level}=~${quote(levels.join('|'))}`;
}

/** What Loki may call an error. */
export const ERRORS = ofLevel('error', 'fatal', 'critical');

/** Lines of an event. */
export function ofEvent(event: (typeof LogEvent)[keyof typeof LogEvent]): LineFilter {
  return `| ${LogLabel.event}=${quote(event)}`;
}

/** How many lines, in windows of a length, by labels. */
export function countLines(lines: string, window: string, ...by: readonly string[]): string {
  const grouping = by.length === 0 ? '' : ` by (${by.map(labelOf).join(', ')})`;
  return `sum${grouping} (count_over_time(${lines} [${window}]))`;
}

/** How many of all lines: 0 where there are lines and none of these, and nothing where there is no line at all. */
export function countAmong(filter: LineFilter, window: string): string {
  return `${countLines(linesOf(filter), window)} or 0 * ${countLines(linesOf(), window)}`;
}

function selector(service: string): string {
  return `{${LogLabel.service}=~"${service}",${LogLabel.environment}=~"$environment"}`;
}
