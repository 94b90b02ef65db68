import type { SpanView } from '../../../services/viewer/api/types.ts';
import { buildCallTree, type CallNode } from '../../../services/viewer/page/src/model/call-tree.ts';
import { findWindow, listRows } from '../../../services/viewer/page/src/model/rows.ts';
import { createSampleCall } from '../../helpers/sample-call.ts';

const call = createSampleCall({ startedAtMs: 1_000_000, withGap: true });
const index = (spans: readonly SpanView[]) => new Map(spans.map((span) => [span.spanId, span]));
const nameOf = (node: CallNode) => (node.kind === 'log' ? `log ${node.log.body}` : node.span.name);
const plain = buildCallTree({ spans: index(call.spans), logs: [], raw: false });
const find = (nodes: readonly CallNode[], name: string): CallNode | undefined =>
  nodes
    .flatMap((node) => [node, ...(find(node.children, name) ? [find(node.children, name) as CallNode] : [])])
    .find((node) => nameOf(node) === name);

test('a call opens as the phone answered, the connection, its turns in order, and the wrapping up', () => {
  expect(plain.map(nameOf)).toEqual(['POST /voice', 'voice.setup', ...Array(5).fill('voice.turn'), 'voice.wrap_up']);
});

test('a turn begins with the caller, then the wait with its seven segments in order', () => {
  const [heard, wait] = plain[3]?.children ?? [];
  expect([heard, wait].map((node) => node && nameOf(node))).toEqual(['user_speech', 'voice.response_gap']);
  expect(wait?.children.map(nameOf)).toEqual([
    'voice.endpointing',
    'voice.stt_tail',
    'voice.llm_first_token',
    'voice.sentence_wait',
    'voice.tts_first_byte',
    'voice.bot_queue',
    'voice.carrier_buffer',
  ]);
});

test('segments of no length keep their order', () => {
  const flat = call.spans.map((span) =>
    span.name.startsWith('voice.') && span.name !== 'voice.turn' ? { ...span, startMs: 1_000_000 } : span,
  );
  const wait = find(buildCallTree({ spans: index([...flat].reverse()), logs: [], raw: false }), 'voice.response_gap');
  expect(wait?.children.map(nameOf)[0]).toBe('voice.endpointing');
  expect(wait?.children.map(nameOf).at(-1)).toBe('voice.carrier_buffer');
});

test('a part of a wait that took no time has no row, except raw', () => {
  const spans = index(call.spans.map((span) => (span.name === 'voice.bot_queue' ? { ...span, durationMs: 0 } : span)));
  const names = (raw: boolean) =>
    listRows(buildCallTree({ spans, logs: [], raw }), () => true).map(({ node }) => nameOf(node));
  expect(names(false).filter((name) => name === 'voice.bot_queue')).toHaveLength(0);
  expect(names(true).filter((name) => name === 'voice.bot_queue')).toHaveLength(4);
});

test('silence stands in the turn in which it happened', () => {
  const { spans } = createSampleCall({ startedAtMs: 1_000_000, withGap: true, language: 'hard' });
  const tree = buildCallTree({ spans: index(spans), logs: [], raw: false });
  expect(tree.map(nameOf)).not.toContain('voice.dead_air');
  expect(
    tree.filter((node) => node.kind === 'turn').map((turn) => find(turn.children, 'voice.dead_air') !== undefined),
  ).toEqual([false, false, false, false, true]);
});

test('the request between two services is left out, what it led to stays: record, API, database', () => {
  const save = find(plain, 'execute_tool save_record');
  expect(save?.children.map(nameOf)).toEqual(['POST /records']);
  expect(save?.children[0]?.children.map(nameOf)).toEqual(['INSERT records']);
});

test('raw shows every span under its real parent', () => {
  const raw = buildCallTree({ spans: index(call.spans), logs: [], raw: true });
  expect(raw.map(nameOf)).toEqual(['POST /voice']);
  expect(find(raw, 'POST')?.children.map(nameOf)).toEqual(['POST /records']);
  expect(listRows(raw, () => true)).toHaveLength(call.spans.length);
});

test('a span whose parent has not arrived stands on its own, and parents in a circle do not hang the page', () => {
  const [orphan] = call.spans.filter((span) => span.name === 'INSERT records') as [SpanView];
  expect(buildCallTree({ spans: index([orphan]), logs: [], raw: true })).toHaveLength(1);
  const circle = [
    { ...orphan, spanId: 'a', parentSpanId: 'b', name: 'voice.call' },
    { ...orphan, spanId: 'b', parentSpanId: 'a', name: 'voice.call' },
    { ...orphan, spanId: 'c', parentSpanId: 'a' },
  ];
  expect(buildCallTree({ spans: index(circle), logs: [], raw: false }).map((node) => node.id)).toEqual(['c']);
});

test('a log line keeps its id when one that is older comes after it, and lines that say the same have one each', () => {
  const { logs } = call.detail;
  const [first, ...rest] = logs;
  if (!first) throw new Error('no log lines');
  const idsOf = (lines: typeof logs) => {
    const rows = listRows(buildCallTree({ spans: index(call.spans), logs: lines, raw: false }), () => true);
    return rows.flatMap(({ node }) => (node.kind === 'log' ? node.id : []));
  };
  expect(idsOf(rest).every((id) => /^log-[\w-]+$/.test(id))).toBe(true);
  expect(idsOf(logs)).toEqual(expect.arrayContaining(idsOf(rest)));
  expect(new Set(idsOf([first, ...logs])).size).toBe(logs.length + 1);
});

test('log lines stand in their turn in order of time', () => {
  const tree = buildCallTree({ spans: index(call.spans), logs: call.detail.logs, raw: false });
  expect(find(tree, 'log Camille Durand.')).toBeDefined();
  const times = (tree[4]?.children ?? []).map((node) => (node.kind === 'log' ? node.log.timeMs : node.span.startMs));
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('rows say level, position and size of their set, and closed rows hide theirs', () => {
  const rows = listRows(plain, (node) => node.kind !== 'turn');
  expect(rows).toHaveLength(plain.length);
  const open = listRows(plain, () => true);
  const wait = open.find((row) => nameOf(row.node) === 'voice.response_gap');
  expect(wait).toMatchObject({ level: 2, posInSet: 2, expanded: true });
  expect(open.filter((row) => row.parentId === wait?.node.id).map((row) => row.setSize)).toEqual(Array(7).fill(7));
});

test('ten thousand nested spans are listed without a stack overflow', () => {
  const [first] = call.spans as [SpanView];
  const chain = Array.from({ length: 10_000 }, (_, at) => ({
    ...first,
    name: 'x',
    spanId: `s${at}`,
    parentSpanId: at === 0 ? null : `s${at - 1}`,
  }));
  expect(listRows(buildCallTree({ spans: index(chain), logs: [], raw: true }), () => true).at(-1)?.level).toBe(10_000);
});

test('only rows near the view are drawn', () => {
  expect(findWindow({ scrollTop: 28_000, height: 280, rowHeight: 28 }, 10_000)).toEqual({ from: 988, to: 1022 });
  expect(findWindow({ scrollTop: 99_999, height: 280, rowHeight: 28 }, 5)).toEqual({ from: 0, to: 5 });
});
