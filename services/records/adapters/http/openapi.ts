import { z } from 'zod';
import { newRecordSchema, recordSchema } from '../../domain/record.ts';

type Json = Readonly<Record<string, unknown>>;

const schemaOf = (schema: z.ZodType): Json => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12' });
  return rest;
};
const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ 'application/json': { schema } });
const answer = (description: string, schema: Json, headers?: Json): Json => ({
  description,
  content: json(schema),
  ...(headers && { headers }),
});
const header = (description: string): Json => ({ description, schema: { type: 'string' } });
const error = (description: string): Json => answer(description, ref('Error'));
const errorLater = (description: string): Json =>
  answer(description, ref('Error'), { 'Retry-After': header('Seconds to wait before asking again') });

const saveOperation: Json = {
  operationId: 'saveRecord',
  summary: 'Save the record of a call, at most once per Idempotency-Key',
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: true,
      description: 'Structured-field string (draft-ietf-httpapi-idempotency-key-header-07); a key never expires',
      schema: { type: 'string', minLength: 1 },
    },
  ],
  requestBody: { required: true, content: json(ref('NewRecord')) },
  responses: {
    200: answer('This key had saved this record before', ref('Record'), {
      'Idempotency-Replayed': header('true'),
      Location: header('Path of the record'),
    }),
    201: answer('Saved', ref('Record'), { Location: header('Path of the record') }),
    400: error('The body is not JSON, a field is not valid, or the key is missing or malformed'),
    409: errorLater('The first request with this key is still running'),
    413: error('The body is larger than 64 kB'),
    415: error('The body is not application/json'),
    422: error('This key was used with another body'),
    503: errorLater('The database is locked or gone'),
  },
};

const listOperation: Json = {
  operationId: 'listRecords',
  summary: 'The records of a call, newest first',
  parameters: [{ name: 'callSid', in: 'query', required: true, schema: schemaOf(newRecordSchema.shape.callSid) }],
  responses: {
    200: answer('At most 100 records', {
      type: 'object',
      properties: { records: { type: 'array', items: ref('Record') } },
      required: ['records'],
    }),
    400: error('callSid is missing or malformed'),
    503: errorLater('The database is locked or gone'),
  },
};

const findOperation: Json = {
  operationId: 'findRecord',
  summary: 'One record',
  parameters: [{ name: 'id', in: 'path', required: true, schema: schemaOf(recordSchema.shape.id) }],
  responses: {
    200: answer('The record', ref('Record')),
    404: error('There is no such record'),
    503: errorLater('The database is locked or gone'),
  },
};

const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
});

/** The OpenAPI 3.1 description of this service; its schemas are made from the same zod schemas that judge requests. */
export function generateOpenApi(): Json {
  return {
    openapi: '3.1.1',
    info: { title: 'Callspan records', version: '1', description: 'What callers left: one record per answered call.' },
    paths: {
      '/records': { post: saveOperation, get: listOperation },
      '/records/{id}': { get: findOperation },
    },
    components: {
      schemas: { NewRecord: schemaOf(newRecordSchema), Record: schemaOf(recordSchema), Error: schemaOf(errorSchema) },
    },
  };
}
