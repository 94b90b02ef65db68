import { Attr } from 'callspan/conventions';
import type { LogLine, SpanView } from '../../../api/types.ts';
import { traceUrl } from '../data/api.ts';
import { useWords } from '../data/page-context.ts';
import { formatDuration } from '../format/duration.ts';
import { shortenId } from '../format/ids.ts';
import { findNumber } from '../model/attribute.ts';
import type { CallData } from '../model/call-data.ts';
import type { CallNode } from '../model/call-tree.ts';
import { colourOf } from '../model/colour.ts';
import { isEnvelope } from '../model/envelope.ts';
import { findGapSource } from '../model/gap.ts';
import { findLevel } from '../model/limits.ts';
import { findSpanWord } from '../model/span-word.ts';
import { sayWait } from '../words/say.ts';
import { AttributeList } from './attribute-list.tsx';
import { BreachSign } from './breach-sign.tsx';
import { CopyButton } from './copy-button.tsx';
import { Moment } from './moment.tsx';
import { useNodeTitle } from './node-name.tsx';
import { EventList, LogList } from './panel-lists.tsx';

type PanelProps = { readonly node: CallNode; readonly data: CallData; readonly onClose: () => void };

/** What the selected row is: a sentence, its attributes with their meaning, its events and its log lines. */
export function Panel({ node, data, onClose }: PanelProps) {
  const words = useWords();
  const title = useNodeTitle(node);
  return (
    <section className="panel" aria-label={`${words.panel.title}: ${title}`}>
      <header className="panel-head">
        {node.kind !== 'log' && <span className={`swatch c-${colourOf(node.span)}`} aria-hidden="true" />}
        <h2>{title}</h2>
        {node.kind !== 'log' && <PanelFigure span={node.span} />}
        <button type="button" className="panel-close" onClick={onClose}>
          {words.panel.close}
        </button>
      </header>
      {node.kind === 'log' ? <LogBody line={node.log} /> : <SpanBody span={node.span} data={data} />}
    </section>
  );
}

function PanelFigure({ span }: { readonly span: SpanView }) {
  const words = useWords();
  if (span.durationMs === null) return <span className="dim">{words.call.stillOpen}</span>;
  if (findSpanWord(span) !== 'wait')
    return (
      <span className="panel-figure">
        {formatDuration(span.durationMs, words)} <BreachSign level={findLevel(span)} />
      </span>
    );
  const source = findGapSource(span);
  return (
    <>
      <span className="panel-figure">
        {sayWait(words, span.durationMs, source, findNumber(span, Attr.gapUncertaintyMs))}{' '}
        <BreachSign level={findLevel(span)} />
      </span>
      <span className="dim">{words.panel.gapSources[source]}</span>
    </>
  );
}

function LogBody({ line }: { readonly line: LogLine }) {
  return (
    <div className="panel-body">
      <div className="panel-part panel-what">
        <p className="log-whole" dir="auto">
          {line.body}
        </p>
        <p className="dim">
          {line.severity} · {line.service} · <Moment atMs={line.timeMs} />
        </p>
      </div>
      <AttributeList attributes={line.attributes} />
    </div>
  );
}

function SpanBody({ span, data }: { readonly span: SpanView; readonly data: CallData }) {
  const words = useWords();
  const word = findSpanWord(span);
  const logs = data.logs.filter((line) => line.spanId === span.spanId && !isEnvelope(line));
  return (
    <div className="panel-body">
      <div className="panel-part panel-what">
        {word && <p>{words.spanMeanings[word]}</p>}
        {span.status === 'error' && (
          <p>
            <span className="error-word">{words.call.error}</span> <bdi>{span.statusMessage}</bdi>
          </p>
        )}
        <SpanFacts span={span} />
      </div>
      <AttributeList attributes={span.attributes} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must be scrolled with the keyboard too */}
      <section className="panel-part" tabIndex={0} aria-label={words.panel.logs}>
        <EventList span={span} />
        <LogList lines={logs} span={span} />
      </section>
    </div>
  );
}

function SpanFacts({ span }: { readonly span: SpanView }) {
  const words = useWords();
  const link = `${location.origin}${location.pathname}?span=${span.spanId}`;
  return (
    <dl className="span-facts">
      <dt>{words.panel.span}</dt>
      <dd>
        <code>{span.name}</code>
      </dd>
      <dt>{words.panel.service}</dt>
      <dd>{span.service}</dd>
      <dt>{words.panel.started}</dt>
      <dd>
        <Moment atMs={span.startMs} />
      </dd>
      <dt>{words.panel.spanId}</dt>
      <dd>
        <code>{span.spanId}</code> <CopyButton text={link} label={words.call.copyLink} says={words.call.link} />
      </dd>
      <dt>{words.panel.traceId}</dt>
      <dd>
        <code title={span.traceId}>{shortenId(span.traceId)}</code>{' '}
        <CopyButton text={span.traceId} label={words.call.copyTraceId} />{' '}
        <a href={traceUrl(span.traceId)} target="_blank" rel="noreferrer">
          {words.panel.rawJson}
        </a>
      </dd>
    </dl>
  );
}
