// biome-ignore-all lint/a11y/useSemanticElements: a table's elements cannot be windowed rows of a fixed height
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and points at its active row (WAI-ARIA, aria-activedescendant)

import { Attr } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { formatDuration } from '../format/duration.ts';
import { findNumber, findTurnIndex } from '../model/attribute.ts';
import { listTurnBars, placeSpan } from '../model/bars.ts';
import type { TurnText } from '../model/call-data.ts';
import type { CallNode } from '../model/call-tree.ts';
import type { Ends } from '../model/ends.ts';
import { findGapSource } from '../model/gap.ts';
import { findLevel } from '../model/limits.ts';
import type { Row } from '../model/rows.ts';
import { findSpanWord } from '../model/span-word.ts';
import { placeOf, type TimeAxis } from '../model/time-axis.ts';
import { sayWait } from '../words/say.ts';
import { BarMark } from './bar-mark.tsx';
import { BreachSign } from './breach-sign.tsx';
import { LimitMark, PassedLimit } from './limit-mark.tsx';
import { type Naming, NodeName } from './node-name.tsx';

/** What all rows share. */
type SharedByRows = {
  readonly axis: TimeAxis;
  readonly ends: Ends;
  readonly naming: Naming;
  readonly onSelect: (id: string) => void;
  readonly onToggle: (id: string) => void;
};

type WaterfallRowProps = {
  readonly id: string;
  readonly row: Row;
  /** `top` in CSS pixels within the rows. */
  readonly place: { readonly index: number; readonly top: number };
  readonly isSelected: boolean;
  readonly texts: ReadonlyMap<number, TurnText>;
  readonly shared: SharedByRows;
};

/** One row: name, duration, bar. */
export function WaterfallRow({ id, row, place, isSelected, texts, shared }: WaterfallRowProps) {
  const { node, level, expanded } = row;
  const isWait = node.kind === 'span' && findSpanWord(node.span) === 'wait';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid holds the focus and takes the keys for all rows
    <div
      id={id}
      className={`row row-${node.kind}${isWait ? ' row-wait' : ''}`}
      role="row"
      aria-level={level}
      aria-setsize={row.setSize}
      aria-posinset={row.posInSet}
      aria-rowindex={place.index + 2}
      aria-expanded={expanded ?? undefined}
      aria-selected={isSelected}
      style={{ top: `${place.top}px` }}
      onClick={() => (node.kind === 'turn' ? shared.onToggle(node.id) : shared.onSelect(node.id))}
    >
      <span className={`cell-name level-${Math.min(level, 12)}`} role="gridcell">
        <span
          className="twist"
          aria-hidden="true"
          onClick={(event) => {
            if (expanded === null) return;
            event.stopPropagation();
            shared.onToggle(node.id);
          }}
        >
          {expanded === null ? '' : expanded ? '▾' : '▸'}
        </span>
        <NodeName node={node} text={texts.get(turnIndexOf(node)) ?? null} naming={shared.naming} />
      </span>
      <span className="cell-duration" role="gridcell">
        {node.kind === 'log' ? (
          <LogTime node={node} axis={shared.axis} />
        ) : (
          <SpanDuration span={node.span} shared={shared} />
        )}
      </span>
      <span className="cell-bars" role="gridcell">
        <Bars node={node} isOpen={expanded === true} shared={shared} />
      </span>
    </div>
  );
}

function turnIndexOf(node: CallNode): number {
  return node.kind === 'turn' ? (findTurnIndex(node.span) ?? -1) : -1;
}

function LogTime({ node, axis }: { readonly node: CallNode & { kind: 'log' }; readonly axis: TimeAxis }) {
  const words = useWords();
  const offsetMs = node.log.timeMs - axis.fromMs;
  return (
    <span className="dim">
      {offsetMs < 0 && '-'}
      {formatDuration(Math.abs(offsetMs), words)}
    </span>
  );
}

function SpanDuration({ span, shared }: { readonly span: SpanView; readonly shared: SharedByRows }) {
  const words = useWords();
  const elapsedMs = shared.ends.endOf(span) - span.startMs;
  const isUnended = span.durationMs === null && !shared.ends.isGrowing(span);
  return (
    <>
      {span.status === 'error' && <span className="error-word">{words.call.error} </span>}
      {isUnended ? <span className="dim">{words.call.neverEnded}</span> : <Figure span={span} shared={shared} />}
      <span className="sign-room">
        {/* What goes on has no verdict yet, but it can have passed its limit already. */}
        <BreachSign level={findLevel(span, elapsedMs)} />
      </span>
    </>
  );
}

function Figure({ span, shared }: { readonly span: SpanView; readonly shared: SharedByRows }) {
  const words = useWords();
  const durationMs = shared.ends.endOf(span) - span.startMs;
  if (findSpanWord(span) !== 'wait' || span.durationMs === null) return formatDuration(durationMs, words);
  return sayWait(words, durationMs, findGapSource(span), findNumber(span, Attr.gapUncertaintyMs));
}

function listWaits(turn: CallNode): SpanView[] {
  return turn.children.flatMap((child) =>
    child.kind === 'span' && findSpanWord(child.span) === 'wait' ? [child.span] : [],
  );
}

type BarsProps = { readonly node: CallNode; readonly isOpen: boolean; readonly shared: SharedByRows };

function Bars({ node, isOpen, shared }: BarsProps) {
  const { axis, ends } = shared;
  if (node.kind === 'log') {
    if (node.log.timeMs < axis.fromMs) return <span className="outside">‹</span>;
    if (node.log.timeMs > axis.toMs) return <span className="outside">›</span>;
    return <span className="log-mark" style={{ left: `${placeOf(axis, node.log.timeMs) * 100}%` }} />;
  }
  const own = placeSpan(axis, node.span, ends);
  if (!own) return <span className="outside">{node.span.startMs > axis.toMs ? '›' : '‹'}</span>;
  if (node.kind === 'span') {
    return (
      <>
        <BarMark bar={own} />
        <LimitMark span={node.span} bar={own} place={shared} />
      </>
    );
  }
  const left = `${own.x * 100}%`;
  const width = `${own.width * 100}%`;
  return (
    <>
      <span className={`turn-range${isOpen ? ' turn-range-open' : ''}`} style={{ left, width }} />
      {!isOpen && listTurnBars(axis, node, ends).map((bar) => <BarMark key={bar.key} bar={bar} />)}
      {!isOpen && listWaits(node).map((span) => <PassedLimit key={span.spanId} span={span} place={shared} />)}
    </>
  );
}
