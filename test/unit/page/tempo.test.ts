import { parseId, parseNanoseconds, parseTempoTrace } from '../../../services/viewer/page/src/model/tempo.ts';
import { createSampleCall } from '../../helpers/sample-call.ts';
import { toTempoJson } from '../../helpers/tempo-json.ts';

// An answer of Tempo 3.0.3, cut down to one span.
const ANSWER = {
  trace: {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'bot' } }] },
        scopeSpans: [
          {
            scope: { name: 'callspan' },
            spans: [
              {
                traceId: 'L/i8drhZ3GKS+aMP+bmg7g==',
                spanId: 'qTh1/lCawvo=',
                parentSpanId: 'xvrmTJd0cA4=',
                name: 'voice.setup',
                kind: 'SPAN_KIND_INTERNAL',
                startTimeUnixNano: '1795246035020000123',
                endTimeUnixNano: '1795246036003000456',
                attributes: [
                  { key: 'text', value: { stringValue: 'setup' } },
                  { key: 'whole', value: { intValue: '42' } },
                  { key: 'part', value: { doubleValue: 0.5 } },
                  { key: 'flag', value: { boolValue: false } },
                  { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } } },
                ],
                events: [{ timeUnixNano: '1795246035500000000', name: 'voice.dtmf' }],
                status: { code: 'STATUS_CODE_ERROR', message: 'broke' },
              },
            ],
          },
        ],
      },
    ],
  },
  metrics: {},
};

test('a span of a Tempo answer keeps its ids, times, attributes, events and status', () => {
  const [span] = parseTempoTrace(ANSWER);
  expect(span).toMatchObject({
    traceId: '2ff8bc76b859dc6292f9a30ff9b9a0ee',
    spanId: 'a93875fe509ac2fa',
    parentSpanId: 'c6fae64c9774700e',
    service: 'bot',
    scope: 'callspan',
    kind: 'internal',
    status: 'error',
    statusMessage: 'broke',
    attributes: { text: 'setup', whole: 42, part: 0.5, flag: false, list: ['a', 'b'] },
  });
  expect(span?.events[0]).toMatchObject({ name: 'voice.dtmf', timeMs: 1795246035500 });
});

test('a duration keeps its nanoseconds although the times do not fit into a Number', () => {
  expect(parseTempoTrace(ANSWER)[0]?.durationMs).toBe(982.980333 + 0.02);
});

test('a span without an end is open', () => {
  const open = structuredClone(ANSWER) as { trace: { resourceSpans: { scopeSpans: { spans: object[] }[] }[] } };
  Object.assign(open.trace.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {}, { endTimeUnixNano: '0' });
  expect(parseTempoTrace(open as unknown as typeof ANSWER)[0]?.durationMs).toBeNull();
});

test('a trace that Tempo does not know has no spans', () => {
  expect(parseTempoTrace({ trace: {} })).toEqual([]);
  expect(parseTempoTrace({})).toEqual([]);
});

test('ids are read in base64 and in hex, anything else is refused', () => {
  expect(parseId('qTh1/lCawvo=')).toBe('a93875fe509ac2fa');
  expect(parseId('A93875FE509AC2FA')).toBe('a93875fe509ac2fa');
  expect(() => parseId('not an id')).toThrow(SyntaxError);
});

test('a time in nanoseconds becomes milliseconds with their fraction', () => {
  expect(parseNanoseconds('1795246035020500000')).toBe(1795246035020.5);
  expect(() => parseNanoseconds('soon')).toThrow(SyntaxError);
});

test('the sample calls come through Tempo’s form unchanged', () => {
  const { spans } = createSampleCall({ startedAtMs: 1795246035000, withGap: true });
  const byId = (a: { spanId: string }, b: { spanId: string }) => a.spanId.localeCompare(b.spanId);
  const read = parseTempoTrace(toTempoJson(spans) as never);
  expect(read.sort(byId).map(({ name, parentSpanId, service }) => ({ name, parentSpanId, service }))).toEqual(
    [...spans].sort(byId).map(({ name, parentSpanId, service }) => ({ name, parentSpanId, service })),
  );
});
