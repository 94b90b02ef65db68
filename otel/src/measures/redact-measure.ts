import { cutText } from '../call/attribute-guard.ts';
import type { OpenStage } from '../call/observer.ts';
import { Attr } from '../conventions/index.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { MeasureKind, MeasurePlace } from './measure-ring.ts';

const MAX_NAME_LENGTH = 256;

/** What a stage is, as it may be kept: the names and ids of its span, redacted as they are there. */
export function keptKind(redactor: Redactor | undefined, stage: OpenStage): MeasureKind {
  const { name, provider, model } = stage;
  const safe = redactor?.text(name) ?? name;
  return {
    stage: stage.stage,
    name: safe.length > MAX_NAME_LENGTH ? copyOf(cutText(safe, MAX_NAME_LENGTH)) : safe,
    provider: keptId(redactor, Attr.providerName, provider),
    model: keptId(redactor, Attr.requestModel, model),
  };
}

/** Where it happened, as it may be kept. */
export function keptPlace(redactor: Redactor | undefined, { callSid, streamSid, traceId }: MeasurePlace): MeasurePlace {
  const call = keptId(redactor, Attr.callSid, callSid);
  const stream = keptId(redactor, Attr.streamSid, streamSid);
  return {
    ...(call === undefined ? {} : { callSid: call }),
    ...(stream === undefined ? {} : { streamSid: stream }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

/** What an error said: only at capture `full`, because it quotes what a caller or a model said, and then redacted. */
export function keptMessage(redactor: Redactor | undefined, error: unknown): string | undefined {
  if (redactor?.level !== 'full') return undefined;
  try {
    const { message } = error as { readonly message?: unknown };
    return typeof message === 'string' && message !== '' ? redactor.text(message) : undefined;
  } catch {
    // Anything can be thrown, also what throws when it is read.
    return undefined;
  }
}

function keptId(redactor: Redactor | undefined, key: string, value: string | undefined): string | undefined {
  if (value === undefined || !redactor) return value;
  const kept = redactor.attributes({ [key]: value })[key];
  return typeof kept === 'string' ? kept : undefined;
}

/** A part of a text keeps the whole of it alive. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
