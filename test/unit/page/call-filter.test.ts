import { toAddress, toAllCalls } from '../../../services/viewer/page/src/data/address.ts';
import { parseFilter, readFilter, readParts } from '../../../services/viewer/page/src/model/call-filter.ts';
import { en } from '../../../services/viewer/page/src/words/en.ts';
import { fr } from '../../../services/viewer/page/src/words/fr.ts';
import { sayFilter } from '../../../services/viewer/page/src/words/say-filter.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 14);
const QUERY =
  '{ span.voice.stage = "setup" && duration > 1500ms && resource.service.name = "bot" && span.gen_ai.provider.name = "openai" }';

test('an address without a query or a window asks for all calls, whatever else it says', () => {
  const searches = ['', '?q=CA1&lang=fr', '?traceql=', '?traceql=%20', '?since=&until=%20'];
  expect(searches.map(readFilter)).toEqual(Array(5).fill(null));
  expect(readFilter('?q=CA1&since=1h&traceql=%7B%7D')).toBe('traceql=%7B%7D&since=1h');
});

test('a window alone asks for the calls that took place in it', () => {
  expect([readFilter('?since=1h'), readFilter('?until=1h&q=CA1')]).toEqual(['since=1h', 'until=1h']);
  expect(parseFilter('?since=1h', NOW_MS)).toEqual({
    traceql: '',
    sinceMs: NOW_MS - 3_600_000,
    untilMs: null,
    worstOverMs: null,
  });
});

test('a worst wait is asked for in seconds or milliseconds, alone or with all else', () => {
  const overMs = (search: string) => parseFilter(search, NOW_MS).worstOverMs;
  expect(readFilter('?worst=>1.4s&q=CA1')).toBe('worst=%3E1.4s');
  expect([overMs('?worst=>1.4s'), overMs('?worst=%3E900ms&since=1h'), overMs('?worst=> 2 s')]).toEqual([
    1400, 900, 2000,
  ]);
});

test.each(['1.4s', '<1s', '>1', '>1.4m', '>s', 'long'])('a wait that is none is named: %s', (text) => {
  expect(() => parseFilter(`?worst=${text}`, NOW_MS)).toThrow(`worst=${text} is no wait`);
});

test('a window is given as how long ago, as an instant or in seconds since 1970', () => {
  const windowOf = (search: string) => {
    const { sinceMs, untilMs } = parseFilter(`?traceql={}&${search}`, NOW_MS);
    return [sinceMs, untilMs];
  };
  expect(windowOf('')).toEqual([null, null]);
  expect(windowOf('since=90m&until=30s')).toEqual([NOW_MS - 5_400_000, NOW_MS - 30_000]);
  expect(windowOf('since=2026-11-21T13:00:00Z')).toEqual([NOW_MS - 3_600_000, null]);
  expect(windowOf('since=2d&until=1795269600')).toEqual([NOW_MS - 172_800_000, NOW_MS]);
});

test.each(['yesterday', '1w', '-1h', '2026-13-45', '1.5'])('a time that is none is named: %s', (text) => {
  expect(() => parseFilter(`?traceql={}&since=${text}`, NOW_MS)).toThrow(`since=${text} is no time`);
});

test('the question of an alarm is said in words, with the step’s plain name', () => {
  expect(sayFilter(en, readParts(QUERY))).toBe(
    'Calls in which the step “connecting” took over 1.50 s, of openai, in bot',
  );
  expect(sayFilter(fr, readParts(QUERY))).toBe(
    'Appels où l’étape «\u00a0connexion\u00a0» a duré plus de 1,50 s, chez openai, dans bot',
  );
  const said = (traceql: string) => sayFilter(en, readParts(traceql));
  expect(said('{ name = "voice.dead_air" && duration > 3000ms }')).toBe(
    'Calls in which the step “nobody spoke” took over 3.00 s',
  );
  expect(said('{ span.voice.stage = "own_stage" && status = error }')).toBe(
    'Calls in which the step “own_stage” failed',
  );
  expect(said('{ status = error && resource.service.name = "bot" }')).toBe('Calls in which a step failed, in bot');
  expect(said('{ span.voice.stage = "reply" }')).toBe('Calls that have the step “thinking of an answer”');
});

test('names may hold what separates the parts of a query', () => {
  const traceql = String.raw`{ resource.service.name = "a \" && b" && duration > 10ms }`;
  expect(readParts(traceql)).toMatchObject({ service: 'a " && b', overMs: 10 });
});

test.each([
  '{ kind = server && duration > 2000ms }',
  '{ duration > 1s }',
  '{ status = error || duration > 5ms }',
  '{}',
  'x',
])('a query of another form is not put into words that might say something else: %s', (traceql) => {
  expect(readParts(traceql)).toBeNull();
  expect(sayFilter(en, readParts(traceql))).toBe('Calls with a step that this query matches');
});

test('a call that is opened from the list leads back to the same calls, until all are asked for', () => {
  const search = '?lang=fr&traceql=%7B%7D&since=1h&q=CA1&span=2';
  expect(toAddress('/calls/CA1', search)).toBe('/calls/CA1?lang=fr&traceql=%7B%7D&since=1h');
  expect(toAddress('/', search, { q: 'CA2' })).toBe('/?lang=fr&traceql=%7B%7D&since=1h&q=CA2');
  expect(toAllCalls(search)).toBe('/?lang=fr');
});
