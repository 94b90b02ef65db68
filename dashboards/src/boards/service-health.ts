import { Attr, Metric, Stage, StandardMetric } from 'callspan/conventions';
import { Label, labelOf, SpanMetric } from '../../../thresholds/generate/rules/promql.ts';
import type { Board, Row } from '../board.ts';
import { lines, type PanelSpec } from '../panels.ts';
import { mean, partOf, perSecond, quantile, series, share } from '../promql.ts';
import { prom, promWithCalls } from '../queries.ts';
import { serviceVariables } from '../variables.ts';
import { type BoardContext, runbookLink } from './context.ts';

const BY_SERVICE = '{{service_name}}';
const requests = series(partOf(StandardMetric.httpServerDuration, 'count'));

type Extra = Pick<PanelSpec, 'limit' | 'links' | 'isStacked'>;
/** A panel of one query, three in a row. */
const third = (
  title: string,
  unit: string,
  [expr, legend]: readonly [string, string],
  extra: Extra & { readonly description: string },
) => lines({ title, unit, queries: [prom(expr, legend)], width: 8, ...extra });

/** The processes: what they use, what they answer, and what they wait for. */
export function serviceHealth(context: BoardContext): Board {
  return {
    uid: 'callspan-services',
    title: 'Callspan: service health',
    description:
      'Processor, memory and event loop of each service, its requests, database and caches, and what it depends on.',
    variables: serviceVariables(),
    rows: [processRow(context), requestRow(context), callRow(), databaseRow(), dependencyRow(context)],
  };
}

function processRow(context: BoardContext): Row {
  const by = (operation: string, metric: Parameters<typeof series>[0]) =>
    `${operation} by (service_name) (${series(metric)})`;
  return {
    title: 'Processes',
    panels: [
      third('Processor', 'percentunit', [by('max', StandardMetric.processCpu), BY_SERVICE], {
        description: 'Share of the processors in use.',
      }),
      third('Resident memory', 'bytes', [by('max', StandardMetric.processMemory), BY_SERVICE], {
        description: 'Memory in use, with the limit of its alarm.',
        limit: context.lines.memory,
        links: runbookLink(context, 'CallspanMemoryHigh'),
      }),
      third('Up since', 's', [by('min', StandardMetric.processUptime), BY_SERVICE], {
        description: 'How long it has been running; it falls to 0 at a restart.',
        links: runbookLink(context, 'CallspanServiceGone'),
      }),
      third('Event loop in use', 'percentunit', [by('max', StandardMetric.eventLoopUtilization), BY_SERVICE], {
        description: 'Share of the time in which the process did something. Near 1 everybody waits.',
        links: runbookLink(context, 'CallspanEventLoopBlocked'),
      }),
      third('Event loop late', 's', [by('max', StandardMetric.eventLoopDelayP99), BY_SERVICE], {
        description: 'How late what was due was done, 99th percentile.',
      }),
      third('Media streams', 'short', [by('sum', Metric.websocketActive), BY_SERVICE], {
        description: 'Open WebSocket connections of media streams.',
      }),
    ],
  };
}

function requestRow(context: BoardContext): Row {
  const status = labelOf(Attr.httpStatusCode);
  const route = labelOf(Attr.httpRoute);
  const failed = series(partOf(StandardMetric.httpServerDuration, 'count'), [Attr.httpStatusCode, '=~', '5..']);
  const buckets = series(partOf(StandardMetric.httpServerDuration, 'bucket'));
  return {
    title: 'HTTP',
    panels: [
      third(
        'Requests going on',
        'short',
        [`sum by (service_name) (${series(StandardMetric.httpServerActive)})`, BY_SERVICE],
        {
          description: 'Requests that are being answered.',
        },
      ),
      third(
        'Requests a second, by route',
        'reqps',
        [perSecond(requests, Attr.serviceName, Attr.httpRoute), `${BY_SERVICE} {{${route}}}`],
        {
          description: 'Answered requests.',
        },
      ),
      third('Requests a second, by status', 'reqps', [perSecond(requests, Attr.httpStatusCode), `{{${status}}}`], {
        description: 'Status of the answers.',
        isStacked: true,
      }),
      third(
        'Server errors',
        'reqps',
        [`${perSecond(failed, Attr.serviceName)} or 0 * ${perSecond(requests, Attr.serviceName)}`, BY_SERVICE],
        {
          description: 'Answers with 5xx a second, with the limit of their alarm.',
          limit: context.lines.http_server_errors,
          links: runbookLink(context, 'CallspanHttpErrors'),
        },
      ),
      third('Duration', 's', [quantile(0.95, buckets, Attr.serviceName), `p95 ${BY_SERVICE}`], {
        description: 'The slowest of twenty requests takes longer; with the limit of its alarm.',
        limit: context.lines.http_p95,
        links: runbookLink(context, 'CallspanHttpSlow'),
      }),
      third('Duration by route', 's', [quantile(0.95, buckets, Attr.httpRoute), `p95 {{${route}}}`], {
        description: '95th percentile of each route.',
      }),
    ],
  };
}

function callRow(): Row {
  const gap = [Label.stage, '=', Stage.responseGap] as const;
  const model = labelOf(Attr.requestModel);
  return {
    title: 'Calls',
    panels: [
      third(
        'Calls a minute, by outcome',
        'short',
        [`60 * ${perSecond(series(Metric.callCount), Attr.callOutcome)}`, `{{${labelOf(Attr.callOutcome)}}}`],
        {
          description: 'How calls ended.',
          isStacked: true,
        },
      ),
      lines({
        title: 'Response time',
        unit: 'ms',
        description: 'The caller’s wait, mean and 95th percentile. Points are calls.',
        queries: [
          prom(mean(series(SpanMetric.sum, gap), series(SpanMetric.count, gap)), 'mean'),
          promWithCalls(quantile(0.95, series(SpanMetric.bucket, gap)), 'p95'),
        ],
        width: 8,
      }),
      third(
        'Model calls a minute',
        'short',
        [`60 * ${perSecond(series(partOf(Metric.genAiDuration, 'count')), Attr.requestModel)}`, `{{${model}}}`],
        {
          description: 'Requests to models, all attempts of one counted as one.',
        },
      ),
    ],
  };
}

function databaseRow(): Row {
  const buckets = series(partOf(StandardMetric.dbOperationDuration, 'bucket'));
  const count = series(partOf(StandardMetric.dbOperationDuration, 'count'));
  const operation = `{{${labelOf(Attr.dbOperation)}}} {{${labelOf(Attr.dbCollection)}}}`;
  const cache = series(Metric.cacheRequests);
  const hits = perSecond(series(Metric.cacheRequests, ['result', '=', 'hit']), 'cache');
  const state = labelOf('db.client.connection.state');
  return {
    title: 'Database and caches',
    panels: [
      third(
        'Database connections',
        'short',
        [`sum by (service_name, ${state}) (${series(StandardMetric.dbConnectionCount)})`, `${BY_SERVICE} {{${state}}}`],
        {
          description: 'Connections of the Postgres pool, in use and idle. The embedded database has none.',
        },
      ),
      third(
        'Duration of queries',
        's',
        [quantile(0.95, buckets, Attr.dbOperation, Attr.dbCollection), `p95 ${operation}`],
        {
          description: '95th percentile of database operations.',
        },
      ),
      third('Queries a second', 'ops', [perSecond(count, Attr.dbOperation, Attr.dbCollection), operation], {
        description: 'Database operations.',
      }),
      third('Cache hits', 'percentunit', [share(hits, perSecond(cache, 'cache')), '{{cache}}'], {
        description: 'Share of look-ups that found something; `phrases` are recordings of fixed phrases.',
      }),
      third(
        'Cache look-ups a minute',
        'short',
        [`60 * ${perSecond(cache, 'cache', 'result')}`, '{{cache}} {{result}}'],
        {
          description: 'Look-ups by result.',
          isStacked: true,
        },
      ),
    ],
  };
}

function dependencyRow(context: BoardContext): Row {
  const duration = series(partOf(Metric.dependencyResponseDuration, 'bucket'));
  return {
    title: 'What it depends on',
    panels: [
      lines({
        title: 'Dependencies that answer',
        unit: 'bool_yes_no',
        description:
          'Yes while it answers, no when its last real request failed, until one succeeds or nobody has asked for ten minutes.',
        queries: [
          prom(
            `min by (service_name, dependency) (${series(Metric.dependencyUp)})`,
            '{{service_name}}: {{dependency}}',
          ),
        ],
        links: runbookLink(context, 'CallspanDependencyDown'),
      }),
      lines({
        title: 'How long they take',
        unit: 's',
        description: '95th percentile of real requests; of a model the whole stage.',
        queries: [prom(quantile(0.95, duration, 'dependency'), 'p95 {{dependency}}')],
      }),
    ],
  };
}
