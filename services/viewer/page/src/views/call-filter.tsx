import { Link, useSearch } from 'wouter';
import { toAllCalls } from '../data/address.ts';
import { useWords } from '../data/page-context.ts';
import type { FoundRequest } from '../data/use-found-calls.ts';
import { formatDuration } from '../format/duration.ts';
import { readParts } from '../model/call-filter.ts';
import type { FoundCalls } from '../model/found-calls.ts';
import { sayFilter } from '../words/say-filter.ts';
import { Failure } from './failure.tsx';
import { Moment } from './moment.tsx';

/** Which calls the address asks for, as a sentence and as the query that it is; how many there are, and the way to all of them. */
export function CallFilter({ request }: { readonly request: FoundRequest }) {
  const words = useWords();
  const search = useSearch();
  const { found, failure, reload } = request;
  const traceql = new URLSearchParams(search).get('traceql')?.trim() ?? '';
  return (
    <>
      <section className="filter" aria-label={words.filter.title}>
        <h2>
          {traceql === '' ? words.filter.all : sayFilter(words, readParts(traceql))}
          {found?.filter.worstOverMs != null &&
            words.filter.worst(formatDuration(found.filter.worstOverMs, words), traceql !== '')}
          {found?.filter.sinceMs != null && (
            <>
              , {words.filter.since} <Moment atMs={found.filter.sinceMs} />
            </>
          )}
          {found?.filter.untilMs != null && (
            <>
              , {words.filter.until} <Moment atMs={found.filter.untilMs} />
            </>
          )}
        </h2>
        <Link href={toAllCalls(search)} className="button">
          {words.calls.clear}
        </Link>
        {traceql !== '' && <code>{traceql}</code>}
        {found && found.calls.length > 0 && <Counts found={found} />}
      </section>
      {failure && <Failure failure={failure} onRetry={reload} />}
      {!found && !failure && <p className="dim loading">{words.filter.loading}</p>}
      {found && !failure && found.calls.length === 0 && <NoneFound found={found} />}
    </>
  );
}

function Counts({ found }: { readonly found: FoundCalls }) {
  const { filter } = useWords();
  const isWindow = found.filter.traceql === '' && found.filter.worstOverMs === null;
  return (
    <p className="dim" role="status">
      {isWindow ? filter.foundAll(found.calls.length) : filter.found(found.calls.length)}
      {found.isCut && ` ${filter.cut}`}
      {found.strays > 0 && ` ${filter.strays(found.strays)}`}
    </p>
  );
}

function NoneFound({ found }: { readonly found: FoundCalls }) {
  const { filter } = useWords();
  const { traceql, sinceMs, untilMs, worstOverMs } = found.filter;
  if (traceql === '' && worstOverMs === null) return <p className="notice notice-what">{filter.noCall}</p>;
  const hasWindow = sinceMs !== null || untilMs !== null;
  const none = hasWindow ? filter.noneInWindow : filter.none;
  return (
    <div className="notice" role="status">
      <p className="notice-what">{worstOverMs === null ? none : filter.noWait}</p>
      {found.strays > 0 && <p>{filter.strays(found.strays)}</p>}
      <p>{filter.noneHelp}</p>
    </div>
  );
}
