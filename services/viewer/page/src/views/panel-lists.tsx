import type { LogLine, SpanView } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { formatDuration } from '../format/duration.ts';
import { sayEvent } from '../words/say-event.ts';

/** What happened during a span, with how long after its start; nothing when nothing did. */
export function EventList({ span }: { readonly span: SpanView }) {
  const words = useWords();
  if (span.events.length === 0) return null;
  return (
    <>
      <h3>{words.panel.events}</h3>
      <ul className="event-list">
        {span.events.map((event, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two events of a span may be equal in all they say
          <li key={index}>
            <span className="offset">{formatDuration(event.timeMs - span.startMs, words)}</span>
            <span>
              <code>{event.name}</code> <span className="dim">{sayEvent(words, event)}</span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

type LogListProps = { readonly lines: readonly LogLine[]; readonly span: SpanView };

/** The log lines of a span, with how long after its start. */
export function LogList({ lines, span }: LogListProps) {
  const words = useWords();
  return (
    <>
      <h3>{words.panel.logs}</h3>
      {lines.length === 0 && <p className="dim">{words.panel.noLogs}</p>}
      <ul className="event-list">
        {lines.map((line) => (
          <li key={`${line.timeMs} ${line.body}`}>
            <span className="offset">{formatDuration(line.timeMs - span.startMs, words)}</span>
            <span className={`log-${line.severity}`}>
              <span className="log-severity">{line.severity}</span> <bdi>{line.body}</bdi>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
