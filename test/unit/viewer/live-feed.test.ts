import type { CallSummary } from '../../../services/viewer/domain/call.ts';
import { createLiveFeed, type SentEvent } from '../../../services/viewer/domain/live-feed.ts';
import type { LogRecord } from '../../../services/viewer/domain/telemetry.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const makeCall = (callSid: string, turns = 0) => ({ callSid, turns }) as CallSummary;

function startFeed(firstId = 100) {
  const clock = createFakeClock();
  const feed = createLiveFeed({ clock, firstId });
  const seen: SentEvent[] = [];
  const stop = feed.subscribe(undefined, (events) => seen.push(...events));
  return { clock, feed, seen, stop };
}

test('changes within 100 ms become one event for each call, the last state of it', async () => {
  const { clock, feed, seen } = startFeed();
  feed.publish({ calls: [makeCall('CA1', 1)] });
  feed.publish({ calls: [makeCall('CA1', 2), makeCall('CA2')] });
  await clock.advance(99);
  expect(seen).toEqual([]);
  await clock.advance(1);
  expect(seen.map(({ id, event, json }) => [id, event, JSON.parse(json)])).toEqual([
    [100, 'call', { callSid: 'CA1', turns: 2 }],
    [101, 'call', { callSid: 'CA2', turns: 0 }],
  ]);
});

test('who comes back with the last number gets what was missed, once', async () => {
  const { clock, feed } = startFeed();
  for (const turns of [1, 2, 3]) {
    feed.publish({ calls: [makeCall('CA1', turns)] });
    await clock.advance(100);
  }
  const missed: number[] = [];
  feed.subscribe(100, (events) => missed.push(...events.map(({ id }) => id)));
  expect(missed).toEqual([101, 102]);
  const nothing: unknown[] = [];
  feed.subscribe(102, (events) => nothing.push(...events));
  expect(nothing).toEqual([]);
});

test('who was away too long, or comes from another run, is told to fetch everything', async () => {
  const { clock, feed } = startFeed();
  for (let index = 0; index < 2100; index += 1) {
    feed.publish({ calls: [makeCall('CA1', index)] });
    await clock.advance(100);
  }
  for (const lastId of [100, 5000, -1]) {
    const first: SentEvent[] = [];
    feed.subscribe(lastId, (events) => first.push(...events));
    expect(first).toEqual([{ id: 2199, event: 'resync', json: '{}' }]);
  }
});

test('a flood becomes one resync instead of thousands of events', async () => {
  const { clock, feed, seen } = startFeed();
  feed.publish({ calls: Array.from({ length: 6000 }, (_, index) => makeCall(`CA${index}`)) });
  await clock.advance(100);
  expect(seen.map(({ event }) => event)).toEqual(['resync']);
});

test('what is not sent, or becomes one event, does not count as a flood', async () => {
  const { clock, feed, seen } = startFeed();
  const loose = { traceId: '' } as LogRecord;
  feed.publish({ logs: Array.from({ length: 6000 }, () => loose) });
  for (let turns = 0; turns < 6000; turns += 1) feed.publish({ calls: [makeCall('CA1', turns)] });
  await clock.advance(100);
  expect(seen.map(({ event }) => event)).toEqual(['call']);
});

test('who has stopped listening hears nothing', async () => {
  const { clock, feed, seen, stop } = startFeed();
  stop();
  feed.publish({ calls: [makeCall('CA1')] });
  await clock.advance(100);
  expect(seen).toEqual([]);
});
