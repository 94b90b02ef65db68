import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { generateExtraction } from '../../../services/openai/domain/chat/extraction.ts';
import { jsonSchemaSchema } from '../../../services/openai/domain/chat/json-schema.ts';
import { ENGLISH_CALL, FRENCH_CALL, talk } from '../../helpers/openai-conversations.ts';

const NOW = '2026-11-21T14:03';
const state = z.enum(['given', 'confirmed', 'missing']);
const Form = z.object({
  language: z.enum(['fr', 'en']),
  name: z.string().nullable(),
  subject: z.string().nullable(),
  wanted: z.object({ dateTime: z.string().nullable(), words: z.string() }).nullable(),
  place: z.string().nullable(),
  callbackNumber: z.string().nullable(),
  notes: z.string().nullable(),
  state: z.object({ name: state, subject: state, wanted: state, place: state, callbackNumber: state }),
});

function fill(form: z.ZodType, language: 'fr' | 'en', says: readonly string[]): unknown {
  const schema = jsonSchemaSchema.parse(zodResponseFormat(form, 'form').json_schema.schema);
  return form.parse(generateExtraction(schema, talk(language, says).end, NOW));
}

const FRENCH_RECORD = {
  language: 'fr',
  name: 'Claire Fontaine',
  subject: "une fuite d'eau",
  wanted: { dateTime: '2026-11-24T10:00', words: 'mardi à dix heures' },
  place: '12 rue des Lilas à Lyon',
  callbackNumber: '06 39 98 12 34',
  notes: null,
};
const all = (value: string) => ({ name: value, subject: value, wanted: value, place: value, callbackNumber: value });

test('a French call fills the form; the fields are given, and confirmed after the read-back', () => {
  expect(fill(Form, 'fr', FRENCH_CALL)).toEqual({ ...FRENCH_RECORD, state: all('given') });
  expect(fill(Form, 'fr', [...FRENCH_CALL, "Oui, c'est exact."])).toEqual({
    ...FRENCH_RECORD,
    state: all('confirmed'),
  });
});

test('an English call fills the form', () => {
  expect(fill(Form, 'en', [...ENGLISH_CALL, 'Yes.'])).toEqual({
    language: 'en',
    name: 'John Smith',
    subject: 'a leaking tap',
    wanted: { dateTime: '2026-11-24T10:00', words: 'next Tuesday at ten' },
    place: '12 Baker Street in London',
    callbackNumber: '07700 900123',
    notes: null,
    state: all('confirmed'),
  });
});

test('what nobody said is null and missing', () => {
  expect(fill(Form, 'fr', ['Bonjour, je suis Claire Fontaine'])).toEqual({
    language: 'fr',
    name: 'Claire Fontaine',
    subject: null,
    wanted: null,
    place: null,
    callbackNumber: null,
    notes: null,
    state: { ...all('missing'), name: 'given' },
  });
});

test.each([
  ['Fontaine', 'Rivière', 'name'],
  ['Claire', 'Élodie', 'name'],
  ["d'eau", 'de gaz', 'subject'],
  ['Lilas', 'Roses', 'place'],
  ['Lyon', 'Grenoble', 'place'],
  ['12 34', '12 43', 'callbackNumber'],
  ['mardi', 'jeudi', 'wanted'],
  ['dix', 'onze', 'wanted'],
] as const)('with %s said as %s only that word changes in the record', (from, to, field) => {
  const record = fill(
    Form,
    'fr',
    FRENCH_CALL.map((line) => line.replace(from, to)),
  );
  const changed: Record<string, unknown> = { ...FRENCH_RECORD, state: all('given') };
  if (field === 'wanted') {
    const words = FRENCH_RECORD.wanted.words.replace(from, to);
    changed.wanted = { words, dateTime: to === 'jeudi' ? '2026-11-26T10:00' : '2026-11-24T11:00' };
  } else changed[field] = FRENCH_RECORD[field].replace(from, to);
  expect(record).toEqual(changed);
});

test.each([
  ['tap', 'pipe', 'subject'],
  ['Smith', 'Brown', 'name'],
  ['Baker', 'Abbey', 'place'],
  ['900123', '900321', 'callbackNumber'],
] as const)('in English, with %s said as %s only that word changes', (from, to, field) => {
  const before = z.record(z.string(), z.unknown()).parse(fill(Form, 'en', ENGLISH_CALL));
  const after = fill(
    Form,
    'en',
    ENGLISH_CALL.map((line) => line.replace(from, to)),
  );
  expect(after).toEqual({ ...before, [field]: String(before[field]).replace(from, to) });
});

test('a schema of somebody else is filled by its own names and types; what is unknown gets the emptiest value', () => {
  const Other = z.object({
    contact: z.object({ name: z.string(), callbackNumber: z.string() }),
    wanted: z.string(),
    language: z.enum(['en-GB', 'fr-FR']),
    urgency: z.enum(['low', 'high']),
    score: z.number(),
    isMember: z.boolean(),
    tags: z.array(z.string()),
    petName: z.string().nullable(),
    remark: z.string(),
  });
  expect(fill(Other, 'fr', FRENCH_CALL)).toEqual({
    contact: { name: 'Claire Fontaine', callbackNumber: '06 39 98 12 34' },
    wanted: 'mardi à dix heures',
    language: 'fr-FR',
    urgency: 'low',
    score: 0,
    isMember: false,
    tags: [],
    petName: null,
    remark: '',
  });
});

test('remarks are kept as notes', () => {
  expect(fill(Form, 'fr', ['Bonjour, le code de la porte est 45B.'])).toMatchObject({
    notes: 'le code de la porte est 45B',
    callbackNumber: null,
  });
});

test('a pattern for the number is met by its digits alone, or the field is null', () => {
  const withPattern = (pattern: RegExp) => z.object({ callbackNumber: z.string().regex(pattern).nullable() });
  expect(fill(withPattern(/^\d{10}$/u), 'fr', FRENCH_CALL)).toEqual({ callbackNumber: '0639981234' });
  expect(fill(withPattern(/^\+\d{11}$/u), 'fr', FRENCH_CALL)).toEqual({ callbackNumber: null });
});
