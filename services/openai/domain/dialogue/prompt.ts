import { z } from 'zod';
import type { Language } from './pattern.ts';

/** A field that the bot wants, in the order to ask for. */
type Field = { readonly key: string; readonly description: string };

/** What the system prompt tells. `now` is the local date and time `YYYY-MM-DDTHH:mm`. */
export type Prompt = {
  readonly fields: readonly Field[];
  readonly language: Language | null;
  readonly now: string | null;
};

const fieldsSchema = z.record(z.string(), z.string());

function parseFields(text: string): readonly Field[] {
  try {
    const fields = fieldsSchema.parse(JSON.parse(text));
    return Object.entries(fields).map(([key, description]) => ({ key, description }));
  } catch {
    // A model does not refuse a prompt that it cannot read: it asks for nothing in particular.
    return [];
  }
}

/** Reads the lines `FIELDS: {...}`, `LANGUAGE: fr` and `NOW: 2026-11-21T14:03:00+01:00[Europe/Paris]` wherever they stand. Never throws. */
export function parsePrompt(system: string): Prompt {
  const line = (marker: string) => new RegExp(`${marker}:[ \\t]*(.+)`, 'u').exec(system)?.[1]?.trim() ?? '';
  const language = line('LANGUAGE').slice(0, 2).toLowerCase();
  return {
    fields: parseFields(/\{.*\}/u.exec(line('FIELDS'))?.[0] ?? ''),
    language: language === 'fr' || language === 'en' ? language : null,
    now: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/u.exec(line('NOW'))?.[0] ?? null,
  };
}
