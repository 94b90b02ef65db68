import { Stage } from 'callspan/conventions';
import { parse } from 'yaml';
import { z } from 'zod';
import { generateFileSchema } from '../../../thresholds/schema.ts';
import { changeText, OWN_TEXT } from '../../helpers/thresholds-text.ts';

type Node = {
  readonly properties?: Readonly<Record<string, Node & { readonly $ref?: string }>>;
  readonly description?: string;
};
const schema = generateFileSchema() as Node & { readonly $defs: { readonly row: Node } };
const published = z.fromJSONSchema(generateFileSchema() as Parameters<typeof z.fromJSONSchema>[0]);
const isTaken = (text: string) => published.safeParse(parse(text)).success;

test('the published schema takes the shipped file', () => {
  expect(published.safeParse(parse(OWN_TEXT)).error).toBeUndefined();
});

test.each([
  ['an unknown stage', '  reply:', '  replly:'],
  ['an unknown key', 'critical_ms: 1400', 'critical: 1400'],
  ['seconds for milliseconds', 'critical_ms: 1400', 'critical_ms: 1.4'],
  ['a time without a unit', 'window: 5m\n', 'window: 5\n'],
  ['percent for a share', 'share: 0.05', 'share: 5'],
  ['a provider by the name that spans without one are counted under', 'providers: []', 'providers: [none]'],
  ['a severity that does not exist', 'severity: notice', 'severity: info'],
])('the published schema refuses %s, so that an editor underlines it', (_name, from, to) => {
  expect(isTaken(changeText(from, to))).toBe(false);
});

test('an editor offers every stage, and what each key of a row is for', () => {
  expect(Object.keys(schema.properties?.limits?.properties ?? {}).sort()).toEqual(Object.values(Stage).sort());
  expect(schema.properties?.limits?.properties?.reply).toMatchObject({ $ref: '#/$defs/row' });
  for (const [key, { description }] of Object.entries(schema.$defs.row.properties ?? {})) {
    expect([key, description]).toEqual([key, expect.stringMatching(/^[A-Z].*\.$/)]);
  }
});

test('the shipped file names the schema for editors', () => {
  expect(OWN_TEXT.split('\n')[0]).toBe('# yaml-language-server: $schema=./thresholds.schema.generated.json');
});
