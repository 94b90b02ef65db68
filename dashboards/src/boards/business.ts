import { Attr, LogEvent, Metric, SpanName, StandardMetric } from 'callspan/conventions';
import { Label, labelOf, SpanMetric } from '../../../thresholds/generate/rules/promql.ts';
import type { Board, Row } from '../board.ts';
import { countLines, linesOf, ofEvent } from '../logql.ts';
import { figure, lines, rows } from '../panels.ts';
import { inRange, mean, perSecond, series, share } from '../promql.ts';
import { logsNow, prom, promNow, promValue } from '../queries.ts';
import { serviceVariables } from '../variables.ts';
import { type BoardContext, runbookLink } from './context.ts';

const calls = series(Metric.callCount);
const SAVED = ['outcome', '=', 'saved'] as const;
const HASH = labelOf(Attr.callerHash);
/** A call ends once, with the hash of its caller. */
const endedCalls = linesOf(ofEvent(LogEvent.callFinished), `| ${HASH}!=""`);

/** What the bot does for the business: calls, who they are from, and what came of them. */
export function business(context: BoardContext): Board {
  return {
    uid: 'callspan-business',
    title: 'Callspan: business',
    description: 'Calls by outcome, language and caller, records saved, and whether the bot was there.',
    variables: serviceVariables(),
    rows: [sumRow(), callRow(), recordRow(context), callerRow(), thereRow()],
  };
}

function sumRow(): Row {
  const stat = (title: string, unit: string, expr: string, description: string) =>
    figure({ title, unit, description, queries: [promValue(expr)] });
  const outcome = (value: string) => inRange(series(Metric.callCount, [Attr.callOutcome, '=', value]));
  return {
    title: 'In the time shown',
    panels: [
      stat('Calls', 'short', inRange(calls), 'Calls that ended.'),
      stat(
        'Records saved',
        'short',
        inRange(series(Metric.saveCount, SAVED)),
        'Records that reached the records service.',
      ),
      stat(
        'Calls with a record',
        'percentunit',
        share(outcome('saved'), inRange(calls)),
        'Share of calls that ended with a record.',
      ),
      stat(
        'Abandoned calls',
        'percentunit',
        share(outcome('abandoned'), inRange(calls)),
        'Share of callers who left before a first turn.',
      ),
      stat(
        'Failed calls',
        'percentunit',
        share(outcome('failed'), inRange(calls)),
        'Share of calls in which a provider or the save was given up.',
      ),
      stat(
        'Cost of a saved record',
        'currencyUSD',
        `${inRange(series(Metric.cost))} / (${inRange(series(Metric.saveCount, SAVED))} > 0)`,
        'All cost of the time shown over its records; what has no price is not in it.',
      ),
    ],
  };
}

function callRow(): Row {
  const by = (title: string, attribute: string, description: string) =>
    lines({
      title,
      unit: 'short',
      description,
      queries: [prom(`3600 * ${perSecond(calls, attribute)}`, `{{${labelOf(attribute)}}}`)],
      isStacked: true,
    });
  const ofCall = [Label.spanName, '=', SpanName.call] as const;
  return {
    title: 'Calls',
    panels: [
      by('Calls an hour, by outcome', Attr.callOutcome, 'How calls ended.'),
      by('Calls an hour, by language', Attr.callLanguage, 'In which language the bot answered.'),
      by('Calls an hour, by caller', 'caller', 'New callers and those who had called before.'),
      by('Calls an hour, by direction', Attr.callDirection, 'Who called whom.'),
      by(
        'Calls an hour, by who ended them',
        Attr.callEndReason,
        'Caller, bot, broken stream, watchdog, transfer, our own end.',
      ),
      lines({
        title: 'Length of a call',
        unit: 'ms',
        description: 'Mean length from the accepted stream to its end.',
        queries: [prom(mean(series(SpanMetric.sum, ofCall), series(SpanMetric.count, ofCall)), 'mean')],
      }),
    ],
  };
}

function recordRow(context: BoardContext): Row {
  return {
    title: 'Records',
    panels: [
      lines({
        title: 'Saves an hour, by outcome',
        unit: 'short',
        description: 'Saved, already there (duplicate), waiting for delivery (queued), refused for good (dead).',
        queries: [prom(`3600 * ${perSecond(series(Metric.saveCount), 'outcome')}`, '{{outcome}}')],
        isStacked: true,
        width: 8,
      }),
      lines({
        title: 'Records that wait',
        unit: 'short',
        description: 'Records on the bot’s disk that wait for their delivery, and those that were refused for good.',
        queries: [
          prom(`sum (${series(Metric.outboxPending)})`, 'waiting'),
          prom(`sum (${series(Metric.outboxDead)})`, 'refused'),
        ],
        links: runbookLink(context, 'CallspanDependencyDown'),
        width: 8,
      }),
      lines({
        title: 'Age of the oldest that waits',
        unit: 's',
        description: 'How long the oldest record has been waiting.',
        queries: [prom(`max by (service_name) (${series(Metric.outboxOldestAge)})`, '{{service_name}}')],
        width: 8,
      }),
    ],
  };
}

function callerRow(): Row {
  const distinct = (window: string) => `count(${countLines(endedCalls, window, Attr.callerHash)})`;
  const stat = (title: string, expr: string, description: string) =>
    figure({ title, unit: 'short', description, queries: [logsNow(expr)], width: 6 });
  return {
    // A month of lines is read for it: not every ten seconds.
    title: 'Callers',
    isClosed: true,
    panels: [
      stat(
        'Distinct callers, last day',
        distinct('1d'),
        'Different numbers that called in the last 24 hours; a number is kept as a keyed hash alone.',
      ),
      stat(
        'Distinct callers, last 30 days',
        distinct('30d'),
        'Different numbers of the last 30 days, as far back as lines are kept.',
      ),
      rows({
        title: 'Top callers',
        columns: ['calls'],
        unit: 'short',
        description: 'Who called most in the time shown, by the hash of the number.',
        queries: [logsNow(`topk(10, ${countLines(endedCalls, '$__range', Attr.callerHash)})`)],
      }),
    ],
  };
}

function thereRow(): Row {
  return {
    title: 'Was it there',
    panels: [
      lines({
        title: 'Up since',
        unit: 's',
        description: 'How long each service has been running: it falls to 0 at a restart.',
        queries: [prom(`min by (service_name) (${series(StandardMetric.processUptime)})`, '{{service_name}}')],
      }),
      rows({
        title: 'Errors by type and severity',
        columns: ['errors'],
        unit: 'short',
        description: 'Failures of the time shown by their closed kind.',
        queries: [promNow(`sort_desc(${inRange(series(Metric.errors), Attr.errorType, 'severity')})`)],
      }),
    ],
  };
}
