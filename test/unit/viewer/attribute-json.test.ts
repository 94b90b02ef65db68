import fc from 'fast-check';
import {
  formatAttributes,
  formatEvents,
  formatLinks,
  formatValue,
  parseAttributes,
  parseEvents,
  parseLinks,
  parseValue,
} from '../../../services/viewer/adapters/sqlite/attribute-json.ts';
import type { TypedValue } from '../../../services/viewer/domain/telemetry.ts';

const { value } = fc.letrec<{ value: TypedValue; map: Record<string, TypedValue> }>((tie) => ({
  map: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double().filter((number) => !Object.is(number, -0)),
    fc.constant(null),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('map'),
  ),
}));

test('whatever was put in comes out the same: 5.0 stays a double, 5 an integer of any size, bytes stay bytes', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value, { maxKeys: 5, noNullPrototype: true }), (attributes) => {
      expect({ ...parseAttributes(formatAttributes(attributes)) }).toEqual(attributes);
    }),
    { numRuns: 1000 },
  );
});

test('a single value comes out the same', () => {
  for (const one of [5n, 5, 2n ** 63n - 1n, 1e21, 1e-7, Number.NaN, Number.NEGATIVE_INFINITY, null, 'x', [1n, 1]]) {
    expect(parseValue(formatValue(one))).toEqual(one);
  }
});

test('a key that means something to JavaScript is only a key', () => {
  const attributes = JSON.parse('{"__proto__":"mine","constructor":"too"}') as Record<string, string>;
  expect(Object.entries(parseAttributes(formatAttributes(attributes)))).toEqual(Object.entries(attributes));
});

test('events and links keep their times and ids', () => {
  const events = [{ name: 'e"1', timeNs: 1_795_246_035_171_353_123n, attributes: { n: 5n, d: 5 } }];
  const links = [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceState: 'x=1', attributes: { n: 1n } }];
  expect(parseEvents(formatEvents(events))).toEqual(events);
  expect(parseLinks(formatLinks(links))).toEqual(links);
  expect([formatEvents([]), formatLinks([]), parseEvents(null), parseLinks(null)]).toEqual([null, null, [], []]);
});
