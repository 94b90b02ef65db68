import type { SpanView } from '../../../services/viewer/api/types.ts';
import { lookUp } from '../../../services/viewer/page/src/model/look-up.ts';
import { findSpanWord, findStageWord } from '../../../services/viewer/page/src/model/span-word.ts';
import { parseTempoTrace } from '../../../services/viewer/page/src/model/tempo.ts';
import { en } from '../../../services/viewer/page/src/words/en.ts';
import { sayStatement } from '../../../services/viewer/page/src/words/say.ts';

const HOSTILE = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

test.each(HOSTILE)('a value %s from telemetry is text like any other, not a property of every object', (value) => {
  expect(lookUp({ saved: 'saved' }, value)).toBeUndefined();
  expect(findStageWord(value)).toBeNull();
  expect(findSpanWord({ name: value, attributes: {}, kind: 'internal' } as unknown as SpanView)).toBeNull();
  expect(sayStatement(en, { kind: 'outcome', outcome: value })).toBe(`${value}.`);
});

test('an event whose time cannot be read is left out, and the rest of the trace is shown', () => {
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    startTimeUnixNano: '1700000000000000000',
    events: [{ timeUnixNano: 'soon' }, { timeUnixNano: '1700000000000000000', name: 'first_audio' }],
  };
  const [parsed] = parseTempoTrace({ trace: { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] } });
  expect(parsed?.events.map((event) => event.name)).toEqual(['first_audio']);
});
