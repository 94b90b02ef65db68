import { ROOT_CONTEXT } from '@opentelemetry/api';
import { createSightings } from '../../../otel/src/register/sightings.ts';

const { jest } = import.meta;
const CALL_SID = 'CA1';
const LATER_MS = 60_000;
const SEEN = { webhook: true, caller: true, bot: true, models: 1 };
const NO_STREAM = expect.stringContaining('no media stream of it was seen');

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function openSightings() {
  const told: string[] = [];
  return { told, sightings: createSightings({ notice: (text) => void told.push(text) }) };
}

test('a call whose stream does not come within half a minute is told of once', () => {
  const { told, sightings } = openSightings();
  sightings.webhook(CALL_SID);
  sightings.webhook('CA2');
  jest.advanceTimersByTime(LATER_MS);
  expect(told).toEqual([NO_STREAM]);
});

test('a first call that goes on for minutes is not told of as one whose stream was not seen', () => {
  const { told, sightings } = openSightings();
  sightings.webhook(CALL_SID);
  sightings.streamStarted(CALL_SID);
  jest.advanceTimersByTime(LATER_MS);
  sightings.webhook(CALL_SID);
  jest.advanceTimersByTime(LATER_MS);
  expect(told).toEqual([]);
});

test('a process that ends in the middle of its first call does not say that its stream was not seen', () => {
  const { told, sightings } = openSightings();
  sightings.webhook(CALL_SID);
  sightings.streamStarted(CALL_SID);
  sightings.close();
  expect(told).toEqual([]);
});

test('a stream that was seen says nothing of the one of another call', () => {
  const { told, sightings } = openSightings();
  sightings.webhook(CALL_SID);
  sightings.webhook('CA2');
  sightings.streamStarted(CALL_SID);
  jest.advanceTimersByTime(LATER_MS);
  expect(told).toEqual([NO_STREAM]);
});

test('after the first call that has ended nothing is waited for', () => {
  const { told, sightings } = openSightings();
  sightings.webhook('CA2');
  sightings.callEnded(SEEN, ROOT_CONTEXT);
  sightings.webhook('CA3');
  jest.advanceTimersByTime(LATER_MS);
  expect(told).not.toContainEqual(NO_STREAM);
  expect(jest.getTimerCount()).toBe(0);
});
