import { z } from 'zod';

/** Longest text of one field, in UTF-16 units; notes may be ten times as long. */
const MAX_TEXT_LENGTH = 1000;
const MAX_NOTES_LENGTH = 10 * MAX_TEXT_LENGTH;

const text = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    // Neither database can give these back unchanged: Postgres refuses U+0000, UTF-8 has no lone surrogate.
    .refine((value) => value.isWellFormed() && !value.includes('\u0000'), 'must be well-formed text without U+0000');

const isCalendarTime = (value: string) => {
  const time = new Date(`${value}:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(value);
};

const wanted = z.strictObject({
  dateTime: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, { error: 'must look like 2026-11-21T14:30', abort: true })
    .refine(isCalendarTime, 'must be a real date and time')
    .nullable()
    .describe("Date and time in the business's own zone, to the minute; null when the words could not be resolved"),
  words: text(MAX_TEXT_LENGTH).describe('What the caller said about the date and time'),
});

const fieldState = z.enum(['given', 'confirmed', 'missing']);

/**
 * What a client sends to have a call noted: everything but `id` and `createdAt`. Unknown keys are refused, so that a bot
 * that learned a field before this service did is told so instead of losing it.
 */
export const newRecordSchema = z.strictObject({
  callSid: z.string().regex(/^CA[0-9a-f]{32}$/, 'must be a CallSid: CA and 32 hex digits'),
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits')
    .nullable()
    .describe('W3C trace id of the call, null when it was not traced'),
  language: z.enum(['fr', 'en']),
  name: text(MAX_TEXT_LENGTH).nullable(),
  subject: text(MAX_TEXT_LENGTH).nullable(),
  wanted: wanted.nullable(),
  place: text(MAX_TEXT_LENGTH).nullable(),
  callbackNumber: text(MAX_TEXT_LENGTH).nullable(),
  notes: text(MAX_NOTES_LENGTH).nullable(),
  fields: z
    .strictObject({
      name: fieldState,
      subject: fieldState,
      wanted: fieldState,
      place: fieldState,
      callbackNumber: fieldState,
    })
    .describe('How sure each field is: said by the caller, read back and confirmed, or still missing'),
});

/** A record as it is kept and answered. */
export const recordSchema = z.strictObject({
  id: z.uuid(),
  ...newRecordSchema.shape,
  createdAt: z.iso.datetime({ precision: 3 }).describe('Time of saving, UTC'),
});

/** What a client sends: the appointment (or message) that a caller left. */
export type NewRecord = z.infer<typeof newRecordSchema>;
/** {@link NewRecord} with the id and the time of saving (ISO 8601 UTC, milliseconds) that this service gave it. */
export type CallRecord = z.infer<typeof recordSchema>;
