import type { LiveEvent } from '../../../services/viewer/api/types.ts';
import { type Live, startLive } from '../../../services/viewer/page/src/data/live.ts';

const { jest } = import.meta;

/** The parts of the browser's EventSource that the page uses, driven by the test. */
class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeEventSource[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor() {
    super();
    FakeEventSource.opened.push(this);
  }

  say(event: string, data: string) {
    this.dispatchEvent(new MessageEvent(event, { data }));
  }

  break(readyState: number) {
    this.readyState = readyState;
    this.onerror?.();
  }

  close() {
    this.readyState = FakeEventSource.CLOSED;
  }
}

describe('the live stream', () => {
  let live: Live;
  let batches: LiveEvent[][];
  const source = () => FakeEventSource.opened.at(-1) as FakeEventSource;

  beforeEach(() => {
    jest.useFakeTimers();
    FakeEventSource.opened = [];
    Object.assign(globalThis, { EventSource: FakeEventSource });
    live = startLive('/api/v1/live');
    batches = [];
    live.listen((events) => batches.push([...events]));
  });

  afterEach(() => {
    live.close();
    jest.useRealTimers();
  });

  test('hands events on in batches, in order', () => {
    for (let at = 0; at < 5; at++) source().say('call', JSON.stringify({ callSid: `CA${at}` }));
    expect(batches).toHaveLength(0);
    jest.advanceTimersByTime(100);
    expect(batches.map((batch) => batch.map(({ data }) => (data as { callSid: string }).callSid))).toEqual([
      ['CA0', 'CA1', 'CA2', 'CA3', 'CA4'],
    ]);
  });

  test('says that the connection is lost, and that it is back', () => {
    const states: string[] = [];
    live.listenState(() => states.push(live.state()));
    source().onopen?.();
    source().break(0);
    source().onopen?.();
    expect(states).toEqual(['open', 'lost', 'open']);
    expect(FakeEventSource.opened).toHaveLength(1);
  });

  test('opens anew where the browser gave up, and asks for everything again', () => {
    source().break(FakeEventSource.CLOSED);
    jest.advanceTimersByTime(2000);
    expect(FakeEventSource.opened).toHaveLength(2);
    source().onopen?.();
    jest.advanceTimersByTime(100);
    expect(batches).toEqual([[{ event: 'resync', data: {} }]]);
  });

  test('asks for everything again at each opening, because what was fetched before it may miss something', () => {
    source().onopen?.();
    source().break(0);
    source().onopen?.();
    jest.advanceTimersByTime(100);
    expect(batches.flat().map(({ event }) => event)).toEqual(['resync', 'resync']);
  });

  test('gives its connection back while nobody looks, and takes up again with everything', () => {
    source().onopen?.();
    jest.advanceTimersByTime(100);
    live.pause();
    expect(source().readyState).toBe(FakeEventSource.CLOSED);
    live.resume();
    live.resume();
    expect(FakeEventSource.opened).toHaveLength(2);
    source().onopen?.();
    jest.advanceTimersByTime(100);
    expect(batches.at(-1)).toEqual([{ event: 'resync', data: {} }]);
  });

  test('asks for everything again after a message that cannot be read', () => {
    source().say('trace', '{half');
    jest.advanceTimersByTime(100);
    expect(batches).toEqual([[{ event: 'resync', data: {} }]]);
  });

  test('stops for good when it is closed', () => {
    source().break(FakeEventSource.CLOSED);
    live.close();
    jest.advanceTimersByTime(10_000);
    expect(FakeEventSource.opened).toHaveLength(1);
  });
});
