import { SpanName } from 'callspan/conventions';
import { useMemo, useReducer, useRef, useState } from 'react';
import { useSearch } from 'wouter';
import { useWords } from '../data/page-context.ts';
import { useCommand } from '../data/use-command.ts';
import { NARROW, useMedia } from '../data/use-media.ts';
import { useNow } from '../data/use-now.ts';
import { findTurnIndex } from '../model/attribute.ts';
import type { CallData } from '../model/call-data.ts';
import { countOrphans, createPicture, listHolders } from '../model/call-picture.ts';
import { describeCall } from '../model/sentence.ts';
import { listTurnWaits } from '../model/turn-waits.ts';
import { changeView, INITIAL_VIEW, type ViewState } from '../model/view-state.ts';
import { sayStatement } from '../words/say.ts';
import { Lanes } from './lanes.tsx';
import { Panel } from './panel.tsx';
import { Toolbar } from './toolbar.tsx';
import { Waits } from './waits.tsx';
import { Waterfall } from './waterfall.tsx';

type CallBodyProps = { readonly data: CallData; readonly onBack: () => void };

/** The call below its header: sentence, waits, lanes, waterfall, and what is selected. */
export function CallBody({ data, onBack }: CallBodyProps) {
  const words = useWords();
  const isNarrow = useMedia(NARROW);
  const [view, dispatch] = useReducer(changeView, useSearch(), (search) => openAt(data, search));
  const main = useRef<HTMLElement>(null);
  // Until a person decides, there is a panel where there is room for it.
  const [panel, setPanel] = useState<'open' | 'closed' | null>(null);
  const isLive = data.summary.state === 'live';
  const nowMs = useEndOfTime(data, useNow(isLive));
  const picture = useMemo(
    () => createPicture(data, view, { nowMs, preselects: !isNarrow }),
    [data, view, nowMs, isNarrow],
  );
  const sentence = useMemo(
    () =>
      describeCall(data)
        .map((statement) => sayStatement(words, statement))
        .join(' '),
    [data, words],
  );
  const waits = useMemo(() => listTurnWaits(data.spans.values()), [data.spans]);
  const rows = picture?.rows ?? [];
  const selected = picture?.selected ?? null;
  const showsPanel = selected !== null && (panel ?? (isNarrow ? 'closed' : 'open')) === 'open';
  const closePanel = () => {
    // What had the focus goes away with the panel: the keys go on from the rows.
    const hadFocus = document.activeElement?.closest('.panel') != null;
    setPanel('closed');
    if (hadFocus) main.current?.querySelector<HTMLElement>('[role=treegrid]')?.focus();
  };
  const select = (id: string) => {
    dispatch({ kind: 'select', id, rows, holders: listHolders(data.spans, id) });
    setPanel('open');
  };

  useCommand((command) => {
    if (command === 'help' || command === 'search') return false;
    if (command === 'back') {
      if (showsPanel) closePanel();
      else onBack();
      return true;
    }
    if (command === 'open') setPanel('open');
    dispatch({ kind: 'command', command, rows, selectedId: selected?.node.id ?? null });
    return true;
  });

  if (!picture) return null;
  const orphans = isLive ? 0 : countOrphans(data.spans);
  return (
    <main ref={main} className={showsPanel ? 'call has-panel' : 'call'}>
      <p className="sentence" aria-live="polite">
        {sentence}
      </p>
      {orphans > 0 && <p className="dim hint">{words.call.incomplete(orphans)}</p>}
      <div className="call-tools">
        {waits.length === 0 && !isLive && !isGreetingOnly(data) && <p className="waits dim">{words.call.noWaits}</p>}
        <Waits waits={waits} nowMs={nowMs} selectedId={selected?.node.id ?? null} onSelect={select} />
        <Toolbar
          view={view}
          onCommand={(command) => dispatch({ kind: 'command', command, rows, selectedId: selected?.node.id ?? null })}
        />
      </div>
      <Lanes picture={picture} data={data} />
      <Waterfall
        picture={picture}
        data={data}
        raw={view.raw}
        isBesidePanel={showsPanel}
        onSelect={select}
        onToggle={(id) => dispatch({ kind: 'toggle', id, rows, single: isNarrow })}
      />
      {showsPanel && <Panel node={selected.node} data={data} onClose={closePanel} />}
    </main>
  );
}

/** Nobody waited in a call whose caller left before the first turn: nothing was there to be measured. */
function isGreetingOnly({ spans }: CallData): boolean {
  const turns = [...spans.values()].filter(({ name }) => name === SpanName.turn);
  return turns.length > 0 && turns.every((turn) => findTurnIndex(turn) === 0);
}

/** The view as it opens: at the span that the address names (`?span=`), where the call has it. */
function openAt({ spans }: CallData, search: string): ViewState {
  const id = new URLSearchParams(search).get('span') ?? '';
  if (!spans.has(id)) return INITIAL_VIEW;
  return changeView(INITIAL_VIEW, { kind: 'select', id, rows: [], holders: listHolders(spans, id) });
}

/** Until when open spans are drawn: now while the call is live, else the last moment that is known of it. */
function useEndOfTime(data: CallData, nowMs: number): number {
  const { state } = data.summary;
  return useMemo(() => {
    let lastMs = data.logs.at(-1)?.timeMs ?? 0;
    for (const span of data.spans.values()) lastMs = Math.max(lastMs, span.startMs + (span.durationMs ?? 0));
    return state === 'live' ? Math.max(nowMs, lastMs) : lastMs;
  }, [data, state, nowMs]);
}
