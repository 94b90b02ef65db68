import { Attr, Metric, SpanName, StandardMetric } from 'callspan/conventions';
import { Label, labelOf, SPAN_ERROR, SpanMetric } from '../../../thresholds/generate/rules/promql.ts';
import type { Board, Row } from '../board.ts';
import { countLines, ERRORS, LogLabel, linesOf } from '../logql.ts';
import { lines, logLines, rows } from '../panels.ts';
import { inRange, partOf, perSecond, series } from '../promql.ts';
import { logs, logsNow, prom, promNow, traces } from '../queries.ts';
import { serviceVariables } from '../variables.ts';
import { type BoardContext, runbookLink } from './context.ts';

const FAILED = [Label.spanStatus, '=', SPAN_ERROR] as const;

/** What failed, where, how often, and the calls behind it. */
export function errors(context: BoardContext): Board {
  return {
    uid: 'callspan-errors',
    title: 'Callspan: errors',
    description:
      'Failures by kind, by step and by service, their lines and their traces. A caller who hangs up is no failure.',
    variables: serviceVariables(),
    rows: [rateRow(context), whereRow(), lineRow()],
  };
}

function rateRow(context: BoardContext): Row {
  const type = labelOf(Attr.errorType);
  return {
    title: 'How often',
    panels: [
      lines({
        title: 'Errors a minute, by type',
        unit: 'short',
        description: 'Failures of stages by their closed kind and severity.',
        queries: [
          prom(`60 * ${perSecond(series(Metric.errors), Attr.errorType, 'severity')}`, `{{${type}}} {{severity}}`),
        ],
        isStacked: true,
        links: runbookLink(context, 'CallspanStageErrorsWarning'),
        width: 8,
      }),
      lines({
        title: 'Failed spans a minute',
        unit: 'short',
        description: 'Spans that ended with an error, by service.',
        queries: [prom(`60 * ${perSecond(series(SpanMetric.calls, FAILED), Attr.serviceName)}`, '{{service_name}}')],
        width: 8,
      }),
      lines({
        title: 'Error lines a minute',
        unit: 'short',
        description:
          'Log lines of the levels error and fatal, counted in the service itself, also when no line leaves it.',
        queries: [
          prom(
            `60 * ${perSecond(series(Metric.logRecords, ['severity', '=~', 'error|fatal']), Attr.serviceName)}`,
            '{{service_name}}',
          ),
        ],
        links: runbookLink(context, 'CallspanLogErrors'),
        width: 8,
      }),
    ],
  };
}

function whereRow(): Row {
  const failed = inRange(
    series(SpanMetric.calls, FAILED),
    Attr.serviceName,
    'span_name',
    Attr.providerName,
    Attr.errorType,
  );
  const status = inRange(
    series(partOf(StandardMetric.httpServerDuration, 'count'), [Attr.httpStatusCode, '=~', '[45]..']),
    Attr.serviceName,
    Attr.httpRoute,
    Attr.httpStatusCode,
  );
  return {
    title: 'Where',
    panels: [
      rows({
        title: 'Failed spans',
        columns: ['spans'],
        unit: 'short',
        description: 'Spans that ended with an error in the time shown, most first.',
        queries: [promNow(`sort_desc(${failed} > 0)`)],
      }),
      rows({
        title: 'Refused and failed requests',
        columns: ['requests'],
        unit: 'short',
        description: 'Answers with 4xx and 5xx in the time shown, by route.',
        queries: [promNow(`sort_desc(${status} > 0)`)],
      }),
      rows({
        title: 'Exceptions',
        columns: ['lines'],
        unit: 'short',
        description: 'Errors with an exception, by its type and the part that wrote the line.',
        queries: [
          logsNow(
            `topk(10, ${countLines(linesOf(`| ${labelOf(Attr.exceptionType)}!=""`), '$__range', LogLabel.service, Attr.exceptionType, LogLabel.context)})`,
          ),
        ],
      }),
      rows({
        title: 'Traces with an error',
        unit: 'none',
        description: 'The newest traces in which a span failed. Click one to open it.',
        queries: [traces('{ status = error }')],
      }),
    ],
  };
}

function lineRow(): Row {
  const table = (title: string, traceql: string, description: string) =>
    rows({ title, unit: 'none', description, queries: [traces(traceql)] });
  return {
    title: 'Lines and calls',
    panels: [
      logLines({
        title: 'Error lines',
        description: 'Lines of the level error and above; trace_id opens the call.',
        queries: [logs(linesOf(ERRORS))],
      }),
      table(
        'Failed requests to a server',
        `{ span.${Attr.httpStatusCode} = 503 }`,
        'Traces in which something answered that it is not available.',
      ),
      table(
        'Steps with an error type',
        `{ span.${Attr.errorType} != nil }`,
        `Traces in which a step gave an error type, also one that was repaired by another attempt (${SpanName.modelAttempt}).`,
      ),
    ],
  };
}
