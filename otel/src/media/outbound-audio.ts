import { BYTES_PER_MS, FRAME_SAMPLES, firstAudibleByte, mulawRms } from './mulaw.ts';

/** What a message of the bot's audio sounds like, 20 ms at a time. */
export type OutboundAudio = {
  readonly durationMs: number;
  /** The first byte that can be heard; -1 for silence. */
  readonly audibleByte: number;
  /** Just after the 20 ms frame in which that byte lies. */
  readonly audibleFrameEnd: number;
};

/** Told of each 20 ms frame: where in the message it begins, how loud it is (root mean square), whether it can be heard. */
export type FrameListener = (offsetMs: number, rms: number, isAudible: boolean) => void;

/** Looks through µ-law audio of any length. */
export function listenToOutbound(audio: Uint8Array, onFrame: FrameListener): OutboundAudio {
  let audibleByte = -1;
  let audibleFrameEnd = -1;
  for (let at = 0; at < audio.length; at += FRAME_SAMPLES) {
    const frame = audio.length <= FRAME_SAMPLES ? audio : audio.subarray(at, at + FRAME_SAMPLES);
    const first = firstAudibleByte(frame);
    onFrame(at / BYTES_PER_MS, mulawRms(frame), first >= 0);
    if (first < 0 || audibleByte >= 0) continue;
    audibleByte = at + first;
    audibleFrameEnd = at + frame.length;
  }
  return { durationMs: audio.length / BYTES_PER_MS, audibleByte, audibleFrameEnd };
}
