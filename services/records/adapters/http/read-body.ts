import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { z } from 'zod';
import { type FieldError, RecordsError } from '../../domain/errors.ts';
import { type NewRecord, newRecordSchema } from '../../domain/record.ts';

/** Refuses bodies that do not say they are JSON, before a byte of them is read. */
export const requireJson: RequestHandler = (request, _response, next) => {
  if (request.is('application/json') === 'application/json') return next();
  return next(new RecordsError('content_type', 'Send the record as application/json'));
};

/** @throws RecordsError `validation` with one entry for each refused field. */
export function parseNewRecord(body: unknown): NewRecord {
  const result = newRecordSchema.safeParse(body);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap(toFieldErrors);
  const paths = fields.map((field) => field.path || 'the body');
  throw new RecordsError('validation', `Not valid: ${paths.slice(0, 5).join(', ')}`, { fields });
}

/**
 * SHA-256 of a record's content, hex: the same for the same values whatever the order of keys or the white space, because zod
 * rebuilds objects in the order of the schema.
 */
export function createFingerprint(input: NewRecord): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex');
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: path === '' ? key : `${path}.${key}`, message: 'is not known here' }));
}
