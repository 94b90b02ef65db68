import { type Extraction, toRecordDraft } from '../../../services/bot/domain/record.ts';

const CALL = { callSid: `CA${'1'.repeat(32)}`, traceId: 'a'.repeat(32) };
const EXTRACTION: Extraction = {
  language: 'fr',
  name: 'Claire Fontaine',
  subject: "fuite d'eau",
  wanted: { dateTime: '2026-11-24T10:00', words: 'mardi à dix heures' },
  place: null,
  callbackNumber: null,
  notes: null,
  state: { name: 'given', subject: 'given', wanted: 'given', place: 'missing', callbackNumber: 'missing' },
};

test.each([
  ['2026-11-24T10:00', '2026-11-24T10:00'],
  ['2026-11-24T10:00:00+01:00', '2026-11-24T10:00'],
  ['2026-02-31T10:00', null],
  ['mardi', null],
])('the time "%s" becomes %s: the records service takes nothing else', (dateTime, expected) => {
  const draft = toRecordDraft({ ...EXTRACTION, wanted: { dateTime, words: 'x' } }, CALL);
  expect(draft.wanted?.dateTime).toBe(expected);
});

test('texts are cut and cleaned to what the records service takes', () => {
  const draft = toRecordDraft({ ...EXTRACTION, name: `a\u0000b\ud800${'x'.repeat(2000)}` }, CALL);
  expect(draft.name?.startsWith('ab\ufffd')).toBe(true);
  expect(draft.name).toHaveLength(1000);
});
