import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { RecordDraftSchema } from '../../services/bot/domain/record.ts';
import { startRecords } from '../../services/records/start.ts';
import { ask, createLineLogger, makeRecordsConfig } from '../helpers/records-api.ts';

type Json = Record<string, unknown>;

/** Rules about the text inside a string and words for readers: the service may ask for more than the bot's types say. */
const NOT_SHAPE = ['description', 'pattern', 'format', 'maxLength', '$schema', 'additionalProperties'];

function shapeOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(shapeOf);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key]) => !NOT_SHAPE.includes(key));
  // Two spellings of "or null": a list of types, and anyOf.
  const { type, ...rest } = Object.fromEntries(kept);
  if (Array.isArray(type) && Object.keys(rest).length === 0) return { anyOf: type.map((one) => ({ type: one })) };
  return Object.fromEntries(kept.map(([key, value]) => [key, key === 'required' ? [...value].sort() : shapeOf(value)]));
}

test('the record that the bot writes down is the record that the records service asks for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-records-'));
  const records = await startRecords(makeRecordsConfig(folder), { logger: createLineLogger([]) });
  const { body } = await ask(`${records.url}/openapi.json`);
  await records.close();
  rmSync(folder, { recursive: true });
  const { NewRecord } = (body.components as { schemas: Json }).schemas;
  expect(shapeOf(z.toJSONSchema(RecordDraftSchema))).toEqual(shapeOf(NewRecord));
});
