import { Attr, LogEvent } from 'callspan/conventions';
import { labelOf } from '../../../thresholds/generate/rules/promql.ts';
import type { Board, Row } from '../board.ts';
import {
  countAmong,
  countLines,
  ERRORS,
  type LineFilter,
  LogLabel,
  linesOf,
  linesOfOne,
  ofEvent,
  ofLevel,
} from '../logql.ts';
import { figure, lines, logLines, rows } from '../panels.ts';
import { exploreLogs } from '../places.ts';
import { logs, logsNow } from '../queries.ts';
import { serviceVariables } from '../variables.ts';
import { type BoardContext, runbookLink } from './context.ts';

/** The field of an answered request in which every service writes how long it took, milliseconds. */
const DURATION_FIELD = 'durationMs';
/** In Explore the button "Live" follows the lines as they come. */
const LIVE = { 'Live tail': exploreLogs(`{${LogLabel.service}=~".+"}`) };

/** All lines, those that matter, and what is counted of them. */
export function logsOverview(context: BoardContext): Board {
  return {
    uid: 'callspan-logs',
    title: 'Callspan: logs',
    description: 'Lines of all services: how many of which level, the errors, and each service by itself.',
    variables: serviceVariables(),
    refresh: '5s',
    from: 'now-30m',
    rows: [counterRow(), figureRow(context), topRow(), lineRow(), serviceRow()],
  };
}

function counterRow(): Row {
  const counter = (title: string, filter: LineFilter) =>
    figure({
      title,
      unit: 'short',
      description: `${title} in the last 5 minutes.`,
      queries: [logsNow(countAmong(filter, '5m'))],
      width: 6,
    });
  return {
    title: 'Last 5 minutes',
    panels: [
      counter('Errors', ERRORS),
      counter('Warnings', ofLevel('warn', 'warning')),
      counter('Info', ofLevel('info')),
      counter('Debug', ofLevel('debug', 'trace')),
    ],
  };
}

function figureRow(context: BoardContext): Row {
  const latency = `avg_over_time(${linesOf(ofEvent(LogEvent.httpRequest))} | unwrap ${DURATION_FIELD} [$__auto])`;
  return {
    title: 'Over time',
    panels: [
      lines({
        title: 'Volume by level',
        unit: 'short',
        description: 'Lines by level.',
        queries: [logs(countLines(linesOf(), '$__auto', LogLabel.level), `{{${LogLabel.level}}}`)],
        isStacked: true,
      }),
      lines({
        title: 'Lines a second',
        unit: 'cps',
        description: 'Lines a second of each service.',
        queries: [logs(`sum by (${LogLabel.service}) (rate(${linesOf()} [$__auto]))`, `{{${LogLabel.service}}}`)],
      }),
      lines({
        title: 'Share of errors',
        unit: 'percentunit',
        description: 'Errors among all lines of the 5 minutes before.',
        queries: [logs(`(${countAmong(ERRORS, '5m')}) / ${countLines(linesOf(), '5m')}`, 'errors')],
        width: 8,
      }),
      lines({
        title: 'Errors an hour',
        unit: 'short',
        description: 'Errors of the hour before.',
        queries: [logs(countAmong(ERRORS, '1h'), 'errors')],
        links: runbookLink(context, 'CallspanLogErrors'),
        width: 8,
      }),
      lines({
        title: 'Mean latency',
        unit: 'ms',
        description: 'Mean duration of the requests that services write a line about.',
        queries: [logs(`${latency} by (${LogLabel.service})`, `{{${LogLabel.service}}}`)],
        width: 8,
      }),
    ],
  };
}

function topRow(): Row {
  // The text itself becomes a label: there is no other way to count by it.
  const messages = `${linesOf(ERRORS)} | pattern \`<message>\``;
  return {
    title: 'Most of all',
    panels: [
      rows({
        title: 'Top ten errors',
        columns: ['lines'],
        unit: 'short',
        description: 'The ten most frequent errors of the time shown, by service and text.',
        queries: [logsNow(`topk(10, ${countLines(messages, '$__range', LogLabel.service, 'message')})`)],
        width: 14,
      }),
      rows({
        title: 'Top five contexts',
        columns: ['lines'],
        unit: 'short',
        description: 'The five parts of the services that write most.',
        queries: [logsNow(`topk(5, ${countLines(linesOf(), '$__range', LogLabel.context)})`)],
        width: 10,
      }),
    ],
  };
}

function lineRow(): Row {
  const call = labelOf(Attr.conversationId);
  return {
    title: 'Lines',
    panels: [
      logLines({
        title: 'All logs',
        description: `Every line. Open one for its fields: ${call} finds the other lines of its call, trace_id its trace.`,
        queries: [logs(linesOf())],
        links: LIVE,
      }),
      logLines({
        title: 'Errors only',
        description: 'Lines of the level error and above.',
        queries: [logs(linesOf(ERRORS))],
        width: 12,
        links: LIVE,
      }),
      logLines({
        title: 'Warnings only',
        description: 'Lines of the level warning.',
        queries: [logs(linesOf(ofLevel('warn', 'warning')))],
        width: 12,
        links: LIVE,
      }),
    ],
  };
}

function serviceRow(): Row {
  return {
    title: 'Each service',
    panels: [
      logLines({
        title: 'Logs of $service',
        description: 'One panel for each service that is chosen above.',
        queries: [logs(linesOfOne())],
        repeat: 'service',
        width: 12,
        links: LIVE,
      }),
    ],
  };
}
