import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useLocation, useSearch } from 'wouter';
import { toAddress } from '../data/address.ts';
import { usePage } from '../data/page-context.ts';
import { useArrival } from '../data/use-arrival.ts';
import { useCommand } from '../data/use-command.ts';
import { useFoundCalls } from '../data/use-found-calls.ts';
import { isCallSid, normaliseCallSid } from '../format/ids.ts';
import { findCalls, sortCalls } from '../model/call-list.ts';
import { CallFilter } from './call-filter.tsx';
import { CallTable } from './call-table.tsx';
import { Connection } from './connection.tsx';
import { Failure } from './failure.tsx';
import { Help, type HelpHandle } from './help.tsx';
import { NoCalls, NoMatch } from './no-calls.tsx';

/** Calls: which call was bad? */
export function CallsView() {
  const { words, callList } = usePage();
  const { list, failure, isLoading } = useSyncExternalStore(callList.subscribe, callList.state);
  const search = useSearch();
  const [, navigate] = useLocation();
  const query = new URLSearchParams(search).get('q') ?? '';
  const field = useRef<HTMLInputElement>(null);
  const table = useRef<HTMLTableElement>(null);
  const help = useRef<HelpHandle>(null);
  const filtered = useFoundCalls(search);
  const calls = filtered ? (filtered.found?.calls ?? []) : list ? sortCalls(list.calls.values()) : [];
  const found = findCalls(calls, query);
  // A window alone asks about no step.
  const matches = filtered?.found?.filter.traceql ? filtered.found.matches : undefined;
  const liveCount = calls.filter((call) => call.state === 'live').length;
  const setQuery = (q: string) => navigate(toAddress('/', search, { q }), { replace: true });
  const openCall = (callSid: string) => navigate(toAddress(`/calls/${encodeURIComponent(callSid)}`, search));

  useEffect(() => {
    document.title = `${words.calls.title} · Callspan`;
    if (!callList.state().list) void callList.reload();
  }, [words, callList]);

  useArrival({ field, table }, found.length > 0);

  useCommand((command) => {
    if (command === 'down' || command === 'up') return moveFocus(table.current, command === 'down' ? 1 : -1);
    if (command === 'open') return openFocused();
    if (command === 'search') field.current?.focus();
    else if (command === 'help') help.current?.show();
    else if (command === 'back') leaveSearch(field.current, () => setQuery(''));
    else return false;
    return true;
  });

  const submit = () => {
    const only = found.length === 1 ? found[0] : undefined;
    if (isCallSid(query)) openCall(normaliseCallSid(query));
    else if (only) openCall(only.callSid);
  };

  return (
    <div className="page">
      <header className="bar">
        <h1>
          <span className="brand">Callspan · </span>
          {words.calls.title}
        </h1>
        {!filtered && (
          <span className="dim">{list && words.calls.count(calls.length, liveCount, list.nextBefore !== null)}</span>
        )}
        <Connection />
        <search>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
          >
            <input
              ref={field}
              type="search"
              value={query}
              placeholder={words.calls.search}
              aria-label={words.calls.search}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setQuery(event.target.value)}
            />
            <kbd>/</kbd>
          </form>
        </search>
        <Help ref={help} />
      </header>
      <main className="calls">
        {filtered ? (
          <CallFilter request={filtered} />
        ) : (
          <>
            {failure && <Failure failure={failure} onRetry={() => void callList.reload()} />}
            {!list && isLoading && <p className="dim loading">{words.calls.loading}</p>}
            {list && calls.length === 0 && <NoCalls />}
          </>
        )}
        {query !== '' && found.length > 0 && <p className="dim">{words.calls.matches(found.length, calls.length)}</p>}
        {found.length > 0 && <CallTable ref={table} calls={found} matches={matches} />}
        {calls.length > 0 && found.length === 0 && <NoMatch query={query} onClear={() => setQuery('')} />}
        {!filtered && list?.nextBefore != null && (
          <button type="button" disabled={isLoading} onClick={() => void callList.loadOlder()}>
            {words.calls.older}
          </button>
        )}
      </main>
    </div>
  );
}

function moveFocus(table: HTMLElement | null, step: 1 | -1): boolean {
  const links = [...(table?.querySelectorAll('a') ?? [])];
  const at = links.findIndex((link) => link.matches(':focus'));
  const next = links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + step))];
  next?.focus();
  return next !== undefined;
}

function openFocused(): boolean {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLAnchorElement)) return false;
  focused.click();
  return true;
}

function leaveSearch(field: HTMLInputElement | null, clear: () => void): void {
  if (field?.value) clear();
  else field?.blur();
}
