import { Attr, gapSegmentKey, SEGMENTS, SpanEvent, SpanName, Stage } from 'callspan/conventions';
import type { Attributes, SpanView } from '../../services/viewer/api/types.ts';
import thresholds from '../../thresholds/generated/page.generated.json' with { type: 'json' };
import type { SampleTurn } from './sample-conversation.ts';
import type { SpanBuilder } from './span-builder.ts';

/** Where the seven segments of a wait begin and end: eight moments, epoch milliseconds. */
export type GapBounds = readonly number[];

const LIMITS_MS: Readonly<Record<string, readonly [number, number]>> = Object.fromEntries(
  thresholds.limits.map(({ stage, warningMs, criticalMs }) => [stage, [warningMs, criticalMs]]),
);

/** What the contract puts on a turn: the segments of its wait and the largest of them, or why there is no wait. */
export function describeTurn(turn: SampleTurn, bounds: GapBounds): Attributes {
  if (turn.unmeasured !== undefined) return { [Attr.turnUnmeasured]: turn.unmeasured };
  const parts = SEGMENTS.map((segment, at) => ({ segment, ms: (bounds[at + 1] ?? 0) - (bounds[at] ?? 0) }));
  const largest = parts.reduce((a, b) => (b.ms > a.ms ? b : a));
  return {
    [Attr.criticalSegment]: largest.segment,
    ...Object.fromEntries(parts.map(({ segment, ms }) => [gapSegmentKey(segment), ms])),
  };
}

type GapPlace = { readonly builder: SpanBuilder; readonly root: SpanView; readonly turn: SampleTurn };

/** `voice.response_gap` and its seven segments under a turn, with the breaches of their limits. */
export function addGap({ builder, root, turn }: GapPlace, bounds: GapBounds, models: readonly Attributes[]): void {
  const shared = { [Attr.turnIndex]: root.attributes[Attr.turnIndex] ?? null };
  const add = (name: string, parent: SpanView, [fromMs, toMs]: readonly [number, number], attributes: Attributes) => {
    const breach = describeBreach(String(attributes[Attr.stage]), toMs - fromMs, toMs);
    return builder.add({
      name,
      parent,
      fromMs,
      toMs,
      attributes: { ...shared, ...attributes, ...breach.attributes },
      events: breach.events,
    });
  };
  const source = turn.source ?? 'media_clock';
  const gap = add(SpanName.responseGap, root, [bounds[0] ?? 0, bounds.at(-1) ?? 0], {
    [Attr.stage]: Stage.responseGap,
    [Attr.gapSource]: source,
    [Attr.gapUncertaintyMs]: { media_clock: 10, mark_ack: 45, send: 250, none: 0 }[source],
    [Attr.gapPlatformMs]: (bounds[6] ?? 0) - (bounds[0] ?? 0) - 20,
    [Attr.eosSource]: 'local_vad',
    ...(turn.substantiveMs === undefined
      ? {}
      : { [Attr.gapFiller]: true, [Attr.gapSubstantiveMs]: turn.substantiveMs }),
  });
  SEGMENTS.forEach((segment, at) => {
    const times = [bounds[at] ?? 0, bounds[at + 1] ?? 0] as const;
    add(`voice.${segment}`, gap, times, { [Attr.stage]: segment, ...models[at] });
  });
}

function describeBreach(stage: string, durationMs: number, timeMs: number) {
  const [warning = Number.POSITIVE_INFINITY, critical = Number.POSITIVE_INFINITY] = LIMITS_MS[stage] ?? [];
  if (durationMs <= warning) return { attributes: {}, events: [] };
  const level = durationMs > critical ? 'critical' : 'warning';
  const attributes = {
    [Attr.thresholdId]: stage,
    [Attr.thresholdLevel]: level,
    [Attr.thresholdLimitMs]: level === 'critical' ? critical : warning,
    [Attr.thresholdValueMs]: durationMs,
  };
  return {
    attributes: { [Attr.thresholdLevelOnSpan]: level },
    events: [{ name: SpanEvent.thresholdBreached, timeMs, attributes }],
  };
}
