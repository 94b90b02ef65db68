import type { CallSummary } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { useNow } from '../data/use-now.ts';
import { formatDuration } from '../format/duration.ts';
import { shortenId } from '../format/ids.ts';
import type { CallData } from '../model/call-data.ts';
import { lookUp } from '../model/look-up.ts';
import { CopyButton } from './copy-button.tsx';
import { Cost } from './cost.tsx';
import { Moment } from './moment.tsx';

type CallFactsProps = { readonly callSid: string; readonly data: CallData | null };

/** The line that says which call this is and how it ended. */
export function CallFacts({ callSid, data }: CallFactsProps) {
  const words = useWords();
  return (
    <div className="facts">
      <h1 className="fact" title={callSid}>
        {shortenId(callSid)}
      </h1>
      <CopyButton text={callSid} label={words.call.copyCallId} />
      {data && <Facts summary={data.summary} />}
      {data && <Cost data={data} />}
    </div>
  );
}

function Facts({ summary }: { readonly summary: CallSummary }) {
  const words = useWords();
  const isLive = summary.state === 'live';
  const nowMs = useNow(isLive);
  const durationMs = isLive ? nowMs - summary.startedAtMs : summary.durationMs;
  const { callerHash, language, endReason, outcome } = summary;
  return (
    <>
      {callerHash && (
        <span className="fact" title={callerHash}>
          {words.call.caller(callerHash.slice(0, 4))}
        </span>
      )}
      <span className="fact">
        <Moment atMs={summary.startedAtMs} saysToday />
      </span>
      {durationMs !== null && <span className="fact">{formatDuration(durationMs, words)}</span>}
      {language && <span className="fact">{language}</span>}
      {isLive && (
        <span className="fact">
          <span className="live-dot" aria-hidden="true" /> <strong>{words.state.live}</strong>
        </span>
      )}
      {summary.state === 'lost' && <span className="fact error-word">{words.state.lost}</span>}
      {!isLive && endReason && <span className="fact">{lookUp(words.endReasons, endReason) ?? endReason}</span>}
      {!isLive && outcome && outcome !== endReason && (
        <span className="fact">{lookUp(words.outcomes, outcome) ?? outcome}</span>
      )}
    </>
  );
}
