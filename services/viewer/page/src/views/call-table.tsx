import { memo, type Ref } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import type { CallSummary } from '../../../api/types.ts';
import { toAddress } from '../data/address.ts';
import { useWords } from '../data/page-context.ts';
import { useNow } from '../data/use-now.ts';
import { formatDuration } from '../format/duration.ts';
import { shortenId } from '../format/ids.ts';
import type { Match } from '../model/found-calls.ts';
import { findSegmentWord, toGapSource } from '../model/gap.ts';
import { findWaitLevel } from '../model/limits.ts';
import { lookUp } from '../model/look-up.ts';
import { findStageWord } from '../model/span-word.ts';
import { findWorstWait } from '../model/wait-times.ts';
import { sayName, sayWait } from '../words/say.ts';
import { sayCost } from '../words/say-cost.ts';
import { BreachSign } from './breach-sign.tsx';
import { MatchCell } from './match-cell.tsx';
import { Moment } from './moment.tsx';
import { TinyRibbon } from './tiny-ribbon.tsx';

type CallTableProps = {
  readonly calls: readonly CallSummary[];
  /** Why each call is in the list, by CallSid; none in the list of all calls. */
  readonly matches?: ReadonlyMap<string, Match> | undefined;
  readonly ref?: Ref<HTMLTableElement>;
};

/** One row a call. */
export function CallTable({ calls, matches, ref }: CallTableProps) {
  const {
    calls: { columns },
    filter,
  } = useWords();
  const today = new Date().toDateString();
  return (
    <table ref={ref} className={matches ? 'call-table is-filtered' : 'call-table'}>
      <thead>
        <tr>
          <th scope="col">{columns.state}</th>
          <th scope="col">{columns.time}</th>
          {matches && <th scope="col">{filter.column}</th>}
          <th scope="col" className="figure">
            {columns.duration}
          </th>
          <th scope="col" className="figure">
            {columns.turns}
          </th>
          <th scope="col">{columns.waits}</th>
          <th scope="col">{columns.worst}</th>
          <th scope="col" className="figure">
            {columns.errors}
          </th>
          <th scope="col" className="figure">
            {columns.cost}
          </th>
          <th scope="col">{columns.language}</th>
          <th scope="col">{columns.call}</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <CallRow
            key={call.callSid}
            call={call}
            match={matches?.get(call.callSid)}
            isFiltered={matches !== undefined}
            today={today}
          />
        ))}
      </tbody>
    </table>
  );
}

type CallRowProps = {
  readonly call: CallSummary;
  readonly match: Match | undefined;
  readonly isFiltered: boolean;
  /** The local day: times are written without it on their own day. */
  readonly today: string;
};

/** Drawn again only when its call has changed: the list of a day has hundreds of rows. */
const CallRow = memo(function CallRow({ call, match, isFiltered }: CallRowProps) {
  const words = useWords();
  const search = useSearch();
  const [, navigate] = useLocation();
  const address = toAddress(`/calls/${encodeURIComponent(call.callSid)}`, search, { span: match?.spanId ?? '' });
  const isLive = call.state === 'live';
  return (
    <tr
      className={`state-${call.state}`}
      onClick={(event) => {
        // The link covers the row except the time, which has its own text on hover.
        if (event.target instanceof HTMLTimeElement) navigate(address);
      }}
    >
      <td className="call-state">
        <Outcome call={call} />
      </td>
      <td className="call-time">
        <Moment atMs={call.startedAtMs} />
      </td>
      {isFiltered && (
        <td className="call-match">
          <MatchCell match={match} />
        </td>
      )}
      <td className="call-duration figure">
        {isLive && <Elapsed sinceMs={call.startedAtMs} />}
        {!isLive && call.durationMs !== null && formatDuration(call.durationMs, words)}
      </td>
      <td className="call-turns figure">
        {call.turns}
        <span className="narrow-only"> {words.calls.turns(call.turns).replace(/^\d+\s/, '')}</span>
      </td>
      <td className="call-waits">
        <TinyRibbon waits={call.waits} />
      </td>
      <td className="call-worst">
        <Worst call={call} />
      </td>
      <td className="call-errors figure">
        {call.errors > 0 && <span className="error-word">{words.calls.errors(call.errors)}</span>}
      </td>
      <td className="call-cost figure dim">{call.cost && sayCost(words, call.cost, isLive)}</td>
      <td className="call-language dim">{call.language}</td>
      <td className="call-id">
        <Link href={address} title={call.callSid}>
          {shortenId(call.callSid)}
        </Link>
      </td>
    </tr>
  );
});

/** Moves on by itself. @param sinceMs epoch milliseconds */
function Elapsed({ sinceMs }: { readonly sinceMs: number }) {
  const words = useWords();
  return formatDuration(useNow(true) - sinceMs, words);
}

function Outcome({ call }: { readonly call: CallSummary }) {
  const words = useWords();
  if (call.state === 'live') {
    return (
      <>
        <span className="live-dot" aria-hidden="true" /> <strong>{words.state.live}</strong>
      </>
    );
  }
  if (call.state === 'lost') return <span className="error-word">{words.state.lost}</span>;
  const outcome = call.outcome ?? 'ended';
  const text = lookUp(words.outcomes, outcome) ?? (call.outcome ? call.outcome : words.state.ended);
  return <span className={outcome === 'failed' ? 'error-word' : ''}>{text}</span>;
}

/** The longest wait and its largest part; for a call whose waits nobody measured the slowest step. */
function Worst({ call }: { readonly call: CallSummary }) {
  const words = useWords();
  const worst = findWorstWait(call.waits);
  if (worst) {
    const { durationMs, level, source, segment } = worst;
    const word = findSegmentWord(segment);
    return (
      <span className="worst">
        <span className="worst-figure wait-figure">{sayWait(words, durationMs, toGapSource(source), null)}</span>
        <span className="sign-room">
          <BreachSign level={findWaitLevel(durationMs, level)} />
        </span>
        <span className="worst-name">{word && sayName(words, word, '')}</span>
      </span>
    );
  }
  if (!call.worstStage) return null;
  const { stage, durationMs } = call.worstStage;
  return (
    <span className="worst">
      <span className="worst-figure dim">{formatDuration(durationMs, words)}</span>
      <span className="sign-room" />
      <span className="worst-name">{words.calls.slowest(sayName(words, findStageWord(stage), stage))}</span>
    </span>
  );
}
