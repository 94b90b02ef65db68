import { Attr, SpanName } from 'callspan/conventions';
import type { LogLine, SpanView } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { findText, findTurnIndex } from '../model/attribute.ts';
import type { TurnText } from '../model/call-data.ts';
import type { CallNode } from '../model/call-tree.ts';
import type { Cause } from '../model/cause.ts';
import { colourOf } from '../model/colour.ts';
import { lookUp } from '../model/look-up.ts';
import { findSpanWord } from '../model/span-word.ts';
import { sayCause, sayReason } from '../words/say.ts';
import { sayDetail } from '../words/say-detail.ts';
import type { Words } from '../words/words.ts';

/** How rows are named: `raw` by their span's name; the service is told where it is not the one that took the call. */
export type Naming = {
  readonly raw: boolean;
  readonly homeService: string;
  /** Why rows took long, by span id. */
  readonly notes: ReadonlyMap<string, readonly Cause[]>;
};

type NodeNameProps = { readonly node: CallNode; readonly text: TurnText | null; readonly naming: Naming };

/** A row's name: plain words, or the span's own name where there are none. */
export function NodeName({ node, text, naming }: NodeNameProps) {
  if (node.kind === 'log') return <LogName line={node.log} />;
  if (node.kind === 'turn' && !naming.raw) return <TurnName span={node.span} text={text} />;
  return <PlainName span={node.span} naming={naming} />;
}

function PlainName({ span, naming }: { readonly span: SpanView; readonly naming: Naming }) {
  const words = useWords();
  const word = findSpanWord(span);
  return (
    <>
      <span className={`swatch c-${colourOf(span)}`} aria-hidden="true" />
      <span className="name" title={`${span.name} · ${span.service}`}>
        {word && !naming.raw ? words.spanNames[word] : span.name}
      </span>
      <span className="name-detail">{findDetail(words, span, naming)}</span>
    </>
  );
}

/** What tells two rows of the same name apart: the service, or what happened in plain words. */
function findDetail(words: Words, span: SpanView, { raw, homeService, notes }: Naming): string | null {
  if (raw || span.service !== homeService) return span.service;
  const causes = notes.get(span.spanId);
  return causes ? causes.map((cause) => sayCause(words, cause)).join(', ') : sayDetail(words, span);
}

function TurnName({ span, text }: { readonly span: SpanView; readonly text: TurnText | null }) {
  const words = useWords();
  const index = findTurnIndex(span);
  const said = index === 0 ? text?.replied : text?.transcribed;
  const unmeasured = findText(span, Attr.turnUnmeasured);
  const end = lookUp(words.turnEnds, findText(span, Attr.turnEndReason) ?? '');
  return (
    <>
      <span className="turn-name">{index === 0 ? words.spanNames.greeting : words.call.turn(index ?? 0)}</span>
      {end && <span className="turn-end">{end}</span>}
      {index !== 0 && unmeasured !== null && (
        <span className="turn-end">{words.call.notMeasured(sayReason(words, unmeasured))}</span>
      )}
      {said && (
        <q className="said" title={said} dir="auto">
          {said}
        </q>
      )}
    </>
  );
}

function LogName({ line }: { readonly line: LogLine }) {
  return (
    <span className={`log-text log-${line.severity}`} title={line.body}>
      <span className="log-severity">
        {line.severity} {line.eventName}
      </span>{' '}
      <bdi>{line.body}</bdi>
    </span>
  );
}

/** The words for a node where there is room for one line only, such as the panel's title. */
export function useNodeTitle(node: CallNode): string {
  const words = useWords();
  if (node.kind === 'log') return words.panel.log;
  const index = findTurnIndex(node.span);
  if (node.span.name === SpanName.turn && index !== null && index > 0) return words.call.turn(index);
  const word = findSpanWord(node.span);
  return word ? words.spanNames[word] : node.span.name;
}
