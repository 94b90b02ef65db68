import { Attr, gapSegmentKey, SEGMENTS } from '../attributes.ts';
import { CALL_ATTRIBUTES } from './call-attributes.ts';
import type { SignalDescriptor } from './describe.ts';
import { MODEL_ATTRIBUTES } from './model-attributes.ts';
import { RECORD_ATTRIBUTES } from './record-attributes.ts';
import { TURN_ATTRIBUTES } from './turn-attributes.ts';

const BY_CONSTANT: Readonly<Record<keyof typeof Attr, SignalDescriptor>> = {
  ...CALL_ATTRIBUTES,
  ...TURN_ATTRIBUTES,
  ...MODEL_ATTRIBUTES,
  ...RECORD_ATTRIBUTES,
};

/** Every attribute by its key: those of `Attr`, and the seven segments of the gap on the turn. */
export const ATTRIBUTE_DESCRIPTORS: Readonly<Record<string, SignalDescriptor>> = Object.fromEntries([
  ...Object.entries(BY_CONSTANT).map(([constant, descriptor]) => [Attr[constant as keyof typeof Attr], descriptor]),
  ...SEGMENTS.map((segment) => [
    gapSegmentKey(segment),
    {
      room: 'gap and segments',
      meaning: `the segment ${segment} of the turn’s gap`,
      unit: 'ms',
      example: '120',
      source: 'the partition of the gap',
      on: 'voice.turn',
    } satisfies SignalDescriptor,
  ]),
]);
