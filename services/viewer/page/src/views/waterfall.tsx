// biome-ignore-all lint/a11y/useSemanticElements: a table's elements cannot be windowed rows of a fixed height
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and points at its active row (WAI-ARIA, aria-activedescendant)
import { useEffect, useMemo, useRef, useState } from 'react';
import { useWords } from '../data/page-context.ts';
import { NARROW, useMedia } from '../data/use-media.ts';
import { type CallData, listTurnTexts } from '../model/call-data.ts';
import { findHomeService, type Picture } from '../model/call-picture.ts';
import { listRowNotes } from '../model/row-notes.ts';
import { findWindow, type Row } from '../model/rows.ts';
import { AxisRow, Folds } from './axis-row.tsx';
import { WaterfallRow } from './waterfall-row.tsx';

/** Heights of a row in CSS pixels: one line, or two where the bar stands under its name. Also in `styles/waterfall.css`. */
const ROW_PX = 28;
const NARROW_ROW_PX = 46;

type WaterfallProps = {
  readonly picture: Picture;
  readonly data: CallData;
  readonly raw: boolean;
  /** The panel takes a part of the height. */
  readonly isBesidePanel: boolean;
  readonly onSelect: (id: string) => void;
  readonly onToggle: (id: string) => void;
};

/** The rows of a call as a tree grid. Only those in view are in the document; the focus stays on the grid itself. */
export function Waterfall({ picture, data, raw, isBesidePanel, onSelect, onToggle }: WaterfallProps) {
  const words = useWords();
  const rowHeight = useMedia(NARROW) ? NARROW_ROW_PX : ROW_PX;
  const { rows, selected, axis } = picture;
  const grid = useRef<HTMLDivElement>(null);
  const view = useViewport(grid, rowHeight);
  const texts = useMemo(() => listTurnTexts(data), [data]);
  const at = selected ? rows.indexOf(selected) : -1;
  const homeService = useMemo(() => findHomeService(data.spans.values()), [data.spans]);
  const { from, to } = findWindow(view, rows.length);
  useScrollTo(grid, { index: at, rowHeight, isBesidePanel });
  const drawn = rows.map((row, index) => ({ row, index })).slice(from, to);
  // The selected row is what the grid's focus points at: it must exist even when it is scrolled away.
  if (selected && (at < from || at >= to)) drawn.push({ row: selected, index: at });
  const notes = useMemo(() => listRowNotes(data), [data]);
  const shared = { axis, ends: picture.ends, naming: { raw, homeService, notes }, onSelect, onToggle };
  return (
    <div
      ref={grid}
      className="waterfall"
      role="treegrid"
      tabIndex={0}
      aria-label={words.call.waterfall}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={selected ? toRowId(selected) : undefined}
    >
      <AxisRow picture={picture} />
      <div className="rows" role="rowgroup" style={{ height: `${rows.length * rowHeight}px` }}>
        {drawn.map(({ row, index }) => (
          <WaterfallRow
            key={row.node.id}
            id={toRowId(row)}
            row={row}
            place={{ index, top: index * rowHeight }}
            isSelected={row === selected}
            texts={texts}
            shared={shared}
          />
        ))}
      </div>
      <Folds axis={axis} height={rows.length * rowHeight} />
    </div>
  );
}

function toRowId(row: Row): string {
  return `row-${row.node.id}`;
}

type GridRef = { readonly current: HTMLDivElement | null };

function useViewport(grid: GridRef, rowHeight: number) {
  const [view, setView] = useState({ scrollTop: 0, height: 800 });
  useEffect(() => {
    const element = grid.current;
    if (!element) return;
    const read = () => setView({ scrollTop: element.scrollTop, height: element.clientHeight });
    read();
    const sizes = new ResizeObserver(read);
    sizes.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', read);
    };
  }, [grid]);
  return { ...view, rowHeight };
}

type Aim = { readonly index: number; readonly rowHeight: number; readonly isBesidePanel: boolean };

function useScrollTo(grid: GridRef, { index, rowHeight, isBesidePanel }: Aim): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a panel that opens may cover the row
  useEffect(() => {
    const element = grid.current;
    if (!element || index < 0) return;
    const headPx = ROW_PX;
    const topPx = index * rowHeight;
    const roomPx = element.clientHeight - headPx;
    if (topPx < element.scrollTop) element.scrollTop = topPx;
    else if (topPx + rowHeight > element.scrollTop + roomPx) {
      // Whole rows: a row cut in half at the top reads as a fault.
      element.scrollTop = Math.ceil((topPx + rowHeight - roomPx) / rowHeight) * rowHeight;
    }
  }, [grid, index, rowHeight, isBesidePanel]);
}
