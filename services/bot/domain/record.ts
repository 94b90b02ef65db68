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

/** The draft of a call's record. */
export function toRecordDraft(extraction: Extraction, call: { callSid: string; traceId: string | null }): RecordDraft {
  const { state, ...form } = extraction;
  return { callSid: call.callSid, traceId: call.traceId, ...form, fields: state };
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
