import { Attr } from 'callspan/conventions';
import type { Attributes } from '../../../api/types.ts';

type Carrier = { readonly attributes: Attributes };

/** A text attribute, null when absent or of another type. */
export function findText(of: Carrier, key: string): string | null {
  const value = of.attributes[key];
  return typeof value === 'string' ? value : null;
}

/** A numeric attribute, null when absent or of another type. */
export function findNumber(of: Carrier, key: string): number | null {
  const value = of.attributes[key];
  return typeof value === 'number' ? value : null;
}

/** The turn that a span or log record belongs to (0 is the greeting), null when it names none. */
export function findTurnIndex(of: Carrier): number | null {
  return findNumber(of, Attr.turnIndex);
}
