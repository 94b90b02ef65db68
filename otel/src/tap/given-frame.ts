import type { RawData } from 'ws';
import type { CallTrace } from '../call/call.ts';
import { wrongArgument, wrongOption } from '../check-options.ts';
import { reportMisuse } from '../logs/misuse.ts';
import type { Problems } from '../logs/problems.ts';
import { toNumber } from '../media/messages.ts';
import { type HeardFrame, looksLikeFrame } from './waiting-frames.ts';

/** What a bot hands over of a message; see `MediaTap`. Numbers may be text, as Twilio writes them. */
export type HandOver = (samples: Int16Array, timestampMs: number | string, sequenceNumber?: number | string) => void;

const INBOUND = Buffer.from('"track":"inbound"');

/** The media message that the bot is being given, and its audio when the bot hands over what it has decoded. */
export class GivenFrame implements HeardFrame {
  /** Undefined when there is none, or when the tap does not take it for a frame by its beginning. */
  message: Buffer | undefined;
  samples: Int16Array | undefined;
  /** Of what was handed over. */
  readonly place = { sequence: Number.NaN, timestampMs: Number.NaN };
  readonly #call: Pick<CallTrace, 'context'>;
  readonly #problems: Problems;
  readonly #stream: Buffer;
  #isGiving = false;
  #isHandedOver = false;
  #isTold = false;

  constructor(call: Pick<CallTrace, 'context' | 'streamSid'>, problems: Problems) {
    this.#call = call;
    this.#problems = problems;
    this.#stream = Buffer.from(`"${call.streamSid}"`);
  }

  /** The bot's listeners are about to have a message. @returns whether it is a frame by its beginning */
  give(data: RawData, isBinary: boolean): boolean {
    this.message = !isBinary && looksLikeFrame(data) ? data : undefined;
    this.samples = undefined;
    this.#isGiving = true;
    this.#isHandedOver = false;
    return this.message !== undefined;
  }

  /** They have had it. */
  over(): void {
    this.message = undefined;
    this.samples = undefined;
    this.#isGiving = false;
  }

  /**
   * The bot hands over what the message holds. Audio of another track or stream is not taken: the tap reads the message
   * itself, and sees what it is. What cannot be right is told once for each tap, and counted.
   */
  handOver(samples: unknown, timestampMs: unknown, sequenceNumber: unknown): void {
    const error = this.#check(samples, timestampMs, sequenceNumber);
    if (error) {
      this.samples = undefined;
      this.#tell(error);
    } else if (this.message && this.#isOfCaller(this.message)) {
      this.samples = samples as Int16Array;
      this.place.timestampMs = toNumber(timestampMs);
      this.place.sequence = toNumber(sequenceNumber);
    }
    this.#isHandedOver = true;
  }

  #check(samples: unknown, timestampMs: unknown, sequenceNumber: unknown): TypeError | undefined {
    if (!this.#isGiving) {
      return new TypeError(
        'heard() tells of the media message that the bot is being given: call it in the listener, before that returns',
      );
    }
    if (this.#isHandedOver) return new TypeError('heard() is called once for a message, with all of its samples');
    if (!(samples instanceof Int16Array)) {
      return wrongArgument(
        'samples',
        samples,
        'an Int16Array; the arguments are (samples, timestampMs, sequenceNumber)',
      );
    }
    const most = this.message ? (this.message.length / 4) * 3 : Number.POSITIVE_INFINITY;
    if (samples.length === 0 || samples.length > most) {
      return new TypeError(`samples holds ${samples.length}; expected those of the message, at 8 kHz`);
    }
    if (!Number.isFinite(toNumber(timestampMs))) {
      return wrongOption('timestampMs', timestampMs, 'media.timestamp of the message');
    }
    if (sequenceNumber !== undefined && !Number.isFinite(toNumber(sequenceNumber))) {
      return wrongOption('sequenceNumber', sequenceNumber, 'that of the message');
    }
    return undefined;
  }

  #isOfCaller(message: Buffer): boolean {
    // Where they stand in a message, both are found within its first third.
    return message.includes(INBOUND) && (this.#stream.length === 2 || message.includes(this.#stream));
  }

  #tell(error: TypeError): void {
    const { context } = this.#call;
    const kind = 'bad_frame_handed_over';
    if (this.#isTold) this.#problems.report(kind, context, error);
    else reportMisuse(this.#problems, { kind, context, error });
    this.#isTold = true;
  }
}
