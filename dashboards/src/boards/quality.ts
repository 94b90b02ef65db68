import { Attr, Metric, SpanName, Stage } from 'callspan/conventions';
import { Label, SpanMetric } from '../../../thresholds/generate/rules/promql.ts';
import type { Board, Row } from '../board.ts';
import { figure, lines } from '../panels.ts';
import { inRange, partOf, perSecond, quantile, series, share } from '../promql.ts';
import { prom, promValue, promWithCalls } from '../queries.ts';
import { serviceVariables } from '../variables.ts';
import { type BoardContext, runbookLink } from './context.ts';

const turns = series(Metric.turnCount);
const unmeasured = series(Metric.turnUnmeasured);

/** How it felt to talk to the bot, beside waiting: interruptions, silences, holes in the sound. */
export function conversationQuality(context: BoardContext): Board {
  return {
    uid: 'callspan-quality',
    title: 'Callspan: conversation quality',
    description: 'Interruptions, silences on both sides, turns without a measured wait, and the line itself.',
    variables: serviceVariables(),
    rows: [turnRow(), talkRow(context), lineRow()],
  };
}

function turnRow(): Row {
  return {
    title: 'Turns',
    panels: [
      figure({
        title: 'Measured turns',
        unit: 'percentunit',
        description:
          'Share of turns of the time shown whose wait was measured. Where it is low, the figures of waits speak of few turns.',
        queries: [promValue(`1 - ${share(inRange(unmeasured), inRange(turns))}`)],
      }),
      figure({
        title: 'Interrupted turns',
        unit: 'percentunit',
        description: 'Share of turns that the caller cut short.',
        queries: [
          promValue(share(inRange(series(Metric.turnCount, [Attr.turnEndReason, '=', 'interrupted'])), inRange(turns))),
        ],
      }),
      lines({
        title: 'Turns without a measured wait',
        unit: 'short',
        description:
          'Turns a minute without a wait, by reason: the bot spoke first, the caller went on or interrupted before a sound, no reply, no media, or a value that cannot be.',
        queries: [prom(`60 * ${perSecond(unmeasured, 'reason')}`, '{{reason}}')],
        isStacked: true,
        width: 8,
      }),
      lines({
        title: 'What the longest part of a wait was',
        unit: 'percentunit',
        description: 'Share of turns by the segment that took the largest part of their wait.',
        queries: [
          prom(
            `${perSecond(turns, Attr.criticalSegment)} / on () group_left () (${perSecond(turns)} > 0)`,
            '{{voice_turn_critical_segment}}',
          ),
        ],
        isStacked: true,
        width: 8,
      }),
    ],
  };
}

function talkRow(context: BoardContext): Row {
  const bargeIn = series(SpanMetric.bucket, [Label.stage, '=', Stage.bargeIn]);
  const deadAir = series(partOf(Metric.deadAir, 'bucket'));
  const deadAirCount = series(partOf(Metric.deadAir, 'count'));
  const silent = [Label.spanName, '=', SpanName.deadAir] as const;
  return {
    title: 'Talking over each other, and silence',
    panels: [
      lines({
        title: 'The bot talks over the caller',
        unit: 'ms',
        description: 'From the caller’s onset until the line is silent, with its limits. Points are calls.',
        queries: [0.5, 0.95].map((q) => promWithCalls(quantile(q, bargeIn), `p${q * 100}`)),
        limit: context.lines[Stage.bargeIn],
        width: 8,
      }),
      lines({
        title: 'Interruptions a minute',
        unit: 'short',
        description: 'How often callers interrupt the bot.',
        queries: [
          prom(
            `60 * ${perSecond(series(SpanMetric.calls, [Label.stage, '=', Stage.bargeIn]), Attr.serviceName)}`,
            '{{service_name}}',
          ),
        ],
        width: 8,
      }),
      lines({
        title: 'Silences a minute, by cause',
        unit: 'short',
        description: 'Silences of both sides above their limit.',
        queries: [prom(`60 * ${perSecond(deadAirCount, 'cause')}`, '{{cause}}')],
        links: runbookLink(context, 'CallspanDeadAir'),
        isStacked: true,
        width: 8,
      }),
      lines({
        title: 'Length of silences',
        unit: 's',
        description: 'The longest of twenty silences lasts longer, by cause, with the limits.',
        queries: [prom(quantile(0.95, deadAir, 'cause'), 'p95 {{cause}}')],
        limit: context.lines.dead_air,
        links: runbookLink(context, 'CallspanDeadAir'),
      }),
      lines({
        title: 'Silences with their calls',
        unit: 'ms',
        description: 'The same silences as spans. Points are calls: click one to hear where it was.',
        queries: [promWithCalls(quantile(0.95, series(SpanMetric.bucket, silent)), 'p95')],
      }),
    ],
  };
}

function lineRow(): Row {
  const media = (metric: Parameters<typeof partOf>[0]) =>
    quantile(0.95, series(partOf(metric, 'bucket')), Attr.serviceName);
  const rate = (metric: Parameters<typeof partOf>[0]) => perSecond(series(metric), Attr.serviceName);
  const panel = (title: string, unit: string, expr: string, description: string) =>
    lines({ title, unit, description, queries: [prom(expr, '{{service_name}}')], width: 8 });
  return {
    title: 'The line',
    panels: [
      panel(
        'Jitter',
        's',
        media(Metric.mediaJitter),
        'How unevenly frames arrive (RFC 3550), 95th percentile. Above 40 ms callers hear it.',
      ),
      panel(
        'Lost audio',
        'percentunit',
        rate(Metric.mediaLost),
        'Seconds of the caller’s audio a second that never came.',
      ),
      panel(
        'Holes in the bot’s speech',
        'percentunit',
        rate(Metric.playoutUnderrun),
        'Seconds a second in which the bot’s answer stopped in its middle.',
      ),
      panel(
        'Unheard audio',
        'percentunit',
        rate(Metric.playoutDiscarded),
        'Seconds a second that were sent and never heard, because the caller interrupted.',
      ),
      panel(
        'Delay of marks',
        's',
        media(Metric.markAckDelay),
        'How much later marks come back than their audio was played: how far the wait can be wrong.',
      ),
      panel('Missed marks', 'ops', rate(Metric.markMissed), 'Marks a second that never came back.'),
    ],
  };
}
