import { LogEvent } from 'callspan/conventions';
import { createCallData } from '../../../services/viewer/page/src/model/call-data.ts';
import {
  countOrphans,
  createPicture,
  findHomeService,
  listHolders,
} from '../../../services/viewer/page/src/model/call-picture.ts';
import { type Command, findCommand } from '../../../services/viewer/page/src/model/keyboard.ts';
import type { Row } from '../../../services/viewer/page/src/model/rows.ts';
import { changeView, INITIAL_VIEW, type ViewState } from '../../../services/viewer/page/src/model/view-state.ts';
import { createSampleCall, cutCall } from '../../helpers/sample-call.ts';

const startedAtMs = 1_000_000;
const call = createSampleCall({ startedAtMs, withGap: true });
const data = createCallData(call.detail, call.spans);
const nowMs = startedAtMs + 100_000;
const draw = (view: ViewState, of = data, preselects = true) => {
  const picture = createPicture(of, view, { nowMs, preselects });
  if (!picture) throw new Error('no picture');
  return picture;
};
const press = (view: ViewState, ...commands: Command[]) =>
  commands.reduce((state, command) => {
    const { rows, selected } = draw(state);
    return changeView(state, { kind: 'command', command, rows, selectedId: selected?.node.id ?? null });
  }, view);
const name = (row: Row | null | undefined) => (row?.node.kind === 'log' ? row.node.log.body : row?.node.span.name);

test('a call opens on its worst turn alone, with the largest segment of the longest wait selected', () => {
  const { rows, selected } = draw(INITIAL_VIEW);
  const turns = rows.filter(({ node }) => node.kind === 'turn');
  expect(turns.map(({ expanded }) => expanded)).toEqual([false, false, false, true, false]);
  expect([name(selected), selected?.level]).toEqual(['voice.llm_first_token', 3]);
});

test('without measured waits the slowest step is selected, on a small screen nothing is', () => {
  const plain = createSampleCall({ startedAtMs });
  const of = createCallData(plain.detail, plain.spans);
  expect(name(draw(INITIAL_VIEW, of).selected)).toBe('chat gpt-6-luna');
  expect(draw(INITIAL_VIEW, of, false).selected).toBeNull();
});

test('down and up move from row to row and stop at the ends', () => {
  const first = press({ ...INITIAL_VIEW, selectedId: draw(INITIAL_VIEW).rows[0]?.node.id ?? null }, 'up');
  expect(draw(first).selected?.node.id).toBe(draw(first).rows[0]?.node.id);
  expect(name(draw(press(first, 'down')).selected)).toBe('voice.setup');
  const last = press(first, ...Array<Command>(60).fill('down'));
  expect(name(draw(last).selected)).toBe('voice.wrap_up');
});

test('open opens a closed row and then goes into it, close goes out and then closes it', () => {
  const turn = draw(INITIAL_VIEW).rows.find(({ node }) => node.kind === 'turn')?.node.id ?? '';
  const opened = press({ ...INITIAL_VIEW, selectedId: turn }, 'open');
  expect(draw(opened).selected).toMatchObject({ node: { id: turn }, expanded: true });
  const inside = press(opened, 'open');
  expect(draw(inside).selected?.parentId).toBe(turn);
  expect(draw(press(inside, 'close')).selected?.node.id).toBe(turn);
  expect(draw(press(inside, 'close', 'close')).selected?.expanded).toBe(false);
});

test('raw, logs and zoom are switched by their keys', () => {
  const raw = draw(press(INITIAL_VIEW, 'raw'));
  expect(raw.rows).toHaveLength(call.spans.length);
  const logs = draw(press(INITIAL_VIEW, 'logs'));
  expect(logs.rows.filter(({ node }) => node.kind === 'log')).toHaveLength(
    call.detail.logs.filter(({ eventName }) => eventName !== LogEvent.envelope).length,
  );
  expect(draw(press(INITIAL_VIEW, 'logs', 'raw')).rows.filter(({ node }) => node.kind === 'log')).toHaveLength(
    call.detail.logs.length,
  );
  const zoomed = draw(press(INITIAL_VIEW, 'zoom'));
  const turn = call.spans.find((span) => span.name === 'voice.turn' && span.attributes['voice.turn.index'] === 3);
  expect(zoomed.axis.fromMs).toBe(turn?.startMs);
  expect(zoomed.callAxis.fromMs).toBe(startedAtMs);
  expect(press(INITIAL_VIEW, 'zoom', 'zoom').zoomed).toBe(false);
});

test('on a small screen opening a turn closes the one that was open', () => {
  const { rows } = draw(INITIAL_VIEW);
  const turns = rows.filter(({ node }) => node.kind === 'turn').map(({ node }) => node.id);
  const next = changeView(INITIAL_VIEW, { kind: 'toggle', id: turns[1] ?? '', rows, single: true });
  expect(
    draw(next)
      .rows.filter((row) => row.node.kind === 'turn' && row.expanded)
      .map(({ node }) => node.id),
  ).toEqual([turns[1]]);
});

describe('while a call is live', () => {
  const at = (offsetMs: number) => {
    const cut = cutCall(call, startedAtMs + offsetMs);
    return createCallData(cut.detail, cut.spans);
  };

  test('the newest turn is the open one', () => {
    const open = (offsetMs: number) =>
      draw(INITIAL_VIEW, at(offsetMs))
        .rows.filter((row) => row.node.kind === 'turn')
        .map((row) => row.expanded);
    expect(open(6000)).toEqual([false, true]);
    expect(open(12_500)).toEqual([false, false, true]);
  });

  test('a row that was selected stays in view when the next turn begins', () => {
    const before = draw(INITIAL_VIEW, at(6000));
    const heard = before.rows.find((row) => name(row) === 'user_speech')?.node.id ?? '';
    const view = changeView(INITIAL_VIEW, { kind: 'select', id: heard, rows: before.rows });
    expect(draw(view, at(12_500)).selected?.node.id).toBe(heard);
  });

  test('the axis keeps room to grow into, and that room is not folded', () => {
    const { axis } = draw(INITIAL_VIEW, at(6000));
    expect((axis.toMs - axis.fromMs) % 10_000).toBe(0);
    expect(axis.pieces.at(-1)?.folded).toBe(false);
  });
});

test('a trace with a hole says how many spans hang in the air, and which service took the call', () => {
  const spans = new Map([...data.spans].filter(([, span]) => span.name !== 'voice.call'));
  expect([countOrphans(data.spans), countOrphans(spans)]).toEqual([0, 7]);
  expect(findHomeService(data.spans.values())).toBe('bot');
});

test('nothing is drawn of a call of which nothing has arrived', () => {
  expect(createPicture(createCallData(call.detail, []), INITIAL_VIEW, { nowMs, preselects: true })).toBeNull();
});

test('keys mean nothing while typing, except Escape; Enter belongs to a focused button; modifiers to the browser', () => {
  const key = { hasModifier: false, focus: 'other' } as const;
  expect(findCommand({ ...key, key: 'j' })).toBe('down');
  expect(findCommand({ ...key, key: 'j', focus: 'text' })).toBeNull();
  expect(findCommand({ ...key, key: 'Escape', focus: 'text' })).toBe('back');
  expect(findCommand({ ...key, key: 'Enter', focus: 'control' })).toBeNull();
  expect(findCommand({ ...key, key: 'r', hasModifier: true })).toBeNull();
  expect(findCommand({ ...key, key: 'q' })).toBeNull();
});

test('a wait that is picked in a closed turn opens what holds it, and is selected', () => {
  const gap = call.spans.find(
    ({ name: own, attributes }) => own === 'voice.response_gap' && attributes['voice.turn.index'] === 1,
  );
  const id = gap?.spanId ?? '';
  const { rows } = draw(INITIAL_VIEW);
  expect(rows.some(({ node }) => node.id === id)).toBe(false);
  const picked = changeView(INITIAL_VIEW, { kind: 'select', id, rows, holders: listHolders(data.spans, id) });
  expect([name(draw(picked).selected), draw(picked).selected?.node.id]).toEqual(['voice.response_gap', id]);
});
