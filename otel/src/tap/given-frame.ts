import type { RawData } from 'ws';
import { wrongArgument, wrongOption } from '../check-options.ts';

/** What a bot hands over of a message; see `MediaTap`. */
export type HandOver = (samples: Int16Array, timestampMs: number, sequenceNumber?: number) => void;

/** Where a frame lies in its stream. */
export type FramePlace = {
  /** Twilio's `sequenceNumber`; NaN when the message had none. */
  sequence: number;
  /** Media time of its beginning. */
  timestampMs: number;
};

/** The media message that the bot is being given, and its audio when the bot hands over what it has decoded. */
export class GivenFrame {
  message: RawData | undefined;
  samples: Int16Array | undefined;
  /** Of what was handed over. */
  readonly place: FramePlace = { sequence: Number.NaN, timestampMs: Number.NaN };

  /** The bot's listeners are about to have a message; undefined: one that is no frame. */
  give(message: RawData | undefined): void {
    this.message = message;
    this.samples = undefined;
  }

  /**
   * The bot hands over what the message holds.
   * @returns what is wrong when it is not being given one, or when the values cannot be what a message holds
   */
  handOver(samples: unknown, timestampMs: unknown, sequenceNumber: unknown): TypeError | undefined {
    if (this.message === undefined) {
      return new TypeError(
        'heard() tells of the media message that the bot is being given: call it in the listener, before that returns',
      );
    }
    if (!(samples instanceof Int16Array) || samples.length === 0) {
      return wrongArgument(
        'samples',
        samples,
        'an Int16Array with all samples of the message; heard(samples, timestampMs, sequenceNumber)',
      );
    }
    if (!Number.isFinite(timestampMs))
      return wrongOption('timestampMs', timestampMs, 'media.timestamp of the message as a number');
    if (sequenceNumber !== undefined && typeof sequenceNumber !== 'number')
      return wrongOption('sequenceNumber', sequenceNumber, 'a number');
    this.samples = samples;
    this.place.timestampMs = timestampMs as number;
    this.place.sequence = sequenceNumber ?? Number.NaN;
    return undefined;
  }
}
