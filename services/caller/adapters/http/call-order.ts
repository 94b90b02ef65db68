import { z } from 'zod';
import { decodeMulaw } from '../../../line/mulaw.ts';
import { isAudible } from '../../domain/audible.ts';
import { parseFaults } from '../../domain/faults/fault-order.ts';
import { isMediaBase } from '../../domain/media-base.ts';

/** An answer of the API that is no success. `code` is one of unknown_script, invalid_script, invalid_request, forbidden_host, unknown_call,
 * not_found; a wrong `faults` is an invalid_request that names the nearest fault. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'RequestError';
    this.status = status;
    this.code = code;
  }
}

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) address' });

const orderSchema = z.strictObject({
  script: z.string().min(1),
  from: z.string().max(64).optional(),
  to: z.string().max(64).optional(),
  /** The bot's voice webhook; left out: the bot of this set, with its status callback. */
  webhook: httpUrl.optional(),
  /** Origin to dial instead of the one in the stream's address. */
  mediaBase: z.string().refine(isMediaBase, 'must be ws://HOST:PORT or wss://HOST:PORT').optional(),
  muted: z.boolean().optional(),
  /** Replaces text in all that the caller says. */
  replace: z.tuple([z.string().min(1), z.string()]).optional(),
  statusCallback: httpUrl.optional(),
  /** What the caller says in place of the modem, in the order of the utterances: µ-law at 8 kHz. */
  recordings: z
    .array(
      z
        .base64()
        .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
        .refine((bytes) => decodeMulaw(bytes).some(isAudible), 'holds nothing but silence'),
    )
    .max(100)
    .optional(),
  /** What goes wrong on the line, as `--faults` takes it: `jitter=120,loss=5`. */
  faults: z.string().transform(readFaults).optional(),
  /** Makes the same plan of faults again. */
  seed: z.number().int().min(0).max(999_999_999).optional(),
  /** Answer when the call is over, with its result. */
  wait: z.boolean().default(false),
});

/** Body of `POST /calls`. */
export type CallOrder = z.infer<typeof orderSchema>;

/** @throws RequestError 400 that names each wrong field. */
export function parseCallOrder(body: unknown): CallOrder {
  const result = orderSchema.safeParse(body ?? {});
  if (result.success) return result.data;
  const reasons = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new RequestError(400, 'invalid_request', reasons.join('; '), result.error);
}

function readFaults(text: string, context: z.RefinementCtx) {
  try {
    return parseFaults(text);
  } catch (error) {
    context.issues.push({ code: 'custom', message: (error as Error).message, input: text });
    return z.NEVER;
  }
}
