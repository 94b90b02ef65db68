import { Attr, Segment, SpanName, Stage } from 'callspan/conventions';
import { labelOf, quote } from '../../../thresholds/generate/rules/promql.ts';
import type { Board, Row } from '../board.ts';
import { LogLabel, linesOf } from '../logql.ts';
import { logLines, rows } from '../panels.ts';
import { logs, spans, traces } from '../queries.ts';
import { serviceVariables, textVariable } from '../variables.ts';
import type { BoardContext } from './context.ts';

/** One call by its id, with its lines; and ways to find the call. */
export function callExplorer(context: BoardContext): Board {
  return {
    uid: 'callspan-calls',
    title: 'Callspan: call explorer',
    description: 'A call by its CallSid: its trace, its steps and its log lines. Below: calls that are worth a look.',
    variables: [
      textVariable('call', 'Call id', 'A CallSid, for example CA192eadb5d2d2ae6262764b8bf643b181'),
      ...serviceVariables(),
    ],
    rows: [oneRow(context), listRow(context), searchRow()],
  };
}

function oneRow(context: BoardContext): Row {
  const ofCall = `span.${Attr.conversationId} = "$call"`;
  return {
    title: 'Call $call',
    panels: [
      rows({
        title: 'The trace',
        unit: 'none',
        description:
          'The trace of the call id above. Click it to see every step, and from a step its lines and figures.',
        queries: [traces(`{ ${ofCall} }`)],
        pointLinks: { 'Call on the page': `${context.links.pageUrl}/calls/$call` },
        width: 24,
        height: 6,
      }),
      logLines({
        title: 'Lines of the call',
        description: 'Every line of the call, of all services.',
        queries: [logs(`{${LogLabel.service}=~".+"} | ${labelOf(Attr.conversationId)}="$call"`)],
        width: 24,
      }),
    ],
  };
}

function listRow(context: BoardContext): Row {
  const select = (...attributes: string[]) => `select(${attributes.map((key) => `span.${key}`).join(', ')})`;
  const facts = select(
    Attr.conversationId,
    Attr.callOutcome,
    Attr.callEndReason,
    Attr.callTurns,
    Attr.callBreachesCritical,
    Attr.callCostUsd,
  );
  const table = (title: string, description: string, traceql: string) =>
    rows({ title, description, unit: 'none', queries: [spans(traceql)] });
  return {
    title: 'Calls',
    panels: [
      rows({
        title: 'Newest calls',
        description: 'Calls that have ended, with their outcome, turns, breaches and cost.',
        unit: 'none',
        queries: [spans(`{ name = ${quote(SpanName.call)} } | ${facts}`)],
        columnLink: [Attr.conversationId, 'Call on the page', `${context.links.pageUrl}/calls/`],
        width: 24,
      }),
      table(
        'Waits over the critical limit',
        'Turns in which the caller waited too long.',
        `{ name = ${quote(SpanName.responseGap)} && span.${Attr.thresholdLevelOnSpan} = "critical" }`,
      ),
      table(
        'Turns that the model made slow',
        'Turns whose longest part was the first token of the model.',
        `{ name = ${quote(SpanName.turn)} && span.${Attr.criticalSegment} = ${quote(Segment.llmFirstToken)} }`,
      ),
      table(
        'Interruptions',
        'Turns in which the caller interrupted the bot.',
        `{ name = ${quote(SpanName.bargeIn)} || span.${Attr.turnEndReason} = "interrupted" }`,
      ),
      table(
        'Failed transcriptions',
        'The bot did not hear what was said.',
        `{ span.${Attr.stage} = ${quote(Stage.transcription)} && status = error }`,
      ),
      table('Dear calls', 'Calls that cost more than 5 cents.', `{ span.${Attr.callCostUsd} > 0.05 }`),
      table('Broken forms', 'Extractions that did not fit their schema.', `{ span.${Attr.extractionValid} = false }`),
    ],
  };
}

function searchRow(): Row {
  return {
    title: 'By service',
    panels: [
      rows({
        title: 'Slow requests to others',
        unit: 'none',
        description: 'Requests to models, records and others that took over 2 seconds.',
        queries: [traces('{ kind = client && duration > 2s }')],
      }),
      logLines({
        title: 'Lines',
        description: 'Lines of the services chosen above.',
        queries: [logs(linesOf())],
        width: 12,
        height: 8,
      }),
    ],
  };
}
