import { z } from 'zod';

/** Whether the caller gave a field, confirmed it when it was read back, or never said it. */
const FieldStateSchema = z.enum(['given', 'confirmed', 'missing']);

/** When the caller wants to be served: a time in the business's zone, or their words when it cannot be resolved. */
const WantedSchema = z.object({
  dateTime: z.string().nullable().describe('YYYY-MM-DDTHH:mm in the zone of NOW, or null when it cannot be resolved'),
  words: z.string().describe('the words of the caller'),
});

const FieldsSchema = z.object({
  name: FieldStateSchema,
  subject: FieldStateSchema,
  wanted: FieldStateSchema,
  place: FieldStateSchema,
  callbackNumber: FieldStateSchema,
});

const formShape = {
  language: z.enum(['fr', 'en']),
  name: z.string().nullable(),
  subject: z.string().nullable(),
  wanted: WantedSchema.nullable(),
  place: z.string().nullable(),
  callbackNumber: z.string().nullable(),
  notes: z.string().nullable(),
};

/** What the model extracts from a conversation (Structured Outputs: every property required, unknown is null). */
export const ExtractionSchema = z.object({ ...formShape, state: FieldsSchema });
export type Extraction = z.infer<typeof ExtractionSchema>;

/** What the bot sends to the records service: the record without what the service adds (id, createdAt). */
export const RecordDraftSchema = z.object({
  callSid: z.string(),
  traceId: z.string().nullable(),
  ...formShape,
  fields: FieldsSchema,
});
export type RecordDraft = z.infer<typeof RecordDraftSchema>;

/** The fields that the bot asks for, in the order of asking, as the model is told. */
export const ASKED_FIELDS = {
  name: "the caller's name",
  subject: 'what the appointment is about',
  wanted: 'day and time wanted',
  place: 'address where the work is to be done',
  callbackNumber: 'telephone number to call back',
} as const;

const MAX_TEXT_LENGTH = 1000;
const MAX_NOTES_LENGTH = 10_000;

/** The draft of a call's record, in the form that the records service takes: what a model wrote must not be refused after the caller was told "noted". */
export function toRecordDraft(
  extraction: Extraction,
  call: { readonly callSid: string; readonly traceId: string | null },
): RecordDraft {
  const { state, wanted, notes, language, ...texts } = extraction;
  return {
    callSid: call.callSid,
    traceId: call.traceId,
    language,
    name: clean(texts.name),
    subject: clean(texts.subject),
    wanted: wanted && { dateTime: normalizeDateTime(wanted.dateTime), words: clean(wanted.words) ?? '' },
    place: clean(texts.place),
    callbackNumber: clean(texts.callbackNumber),
    notes: clean(notes, MAX_NOTES_LENGTH),
    fields: state,
  };
}

function clean(text: string | null, maxLength = MAX_TEXT_LENGTH): string | null {
  if (text === null) return null;
  return text.toWellFormed().replaceAll('\u0000', '').slice(0, maxLength).toWellFormed();
}

/** `YYYY-MM-DDTHH:mm`, cutting seconds and offset that a model may add; null for what is no time at all. */
function normalizeDateTime(text: string | null): string | null {
  const minutes = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.exec(text ?? '')?.[0];
  const time = new Date(`${minutes}:00Z`);
  return minutes && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(minutes) ? minutes : null;
}

/** True when the caller gave anything worth keeping. */
export function hasContent(extraction: Extraction): boolean {
  return Object.values(extraction.state).some((state) => state !== 'missing');
}

/** The fields that the caller has not given. */
export function missingFields(extraction: Extraction): string[] {
  return Object.entries(extraction.state)
    .filter(([, state]) => state === 'missing')
    .map(([field]) => field);
}
