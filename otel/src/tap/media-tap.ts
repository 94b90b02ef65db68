import type { WebSocket } from 'ws';
import type { CallTrace } from '../call/call.ts';
import type { Callspan } from '../callspan.ts';
import { hasMethods, wrongArgument } from '../check-options.ts';
import { reportMisuse } from '../logs/misuse.ts';
import { EMPTY_LEDGER, type MediaLedger } from '../media/ledger.ts';
import { countSocket } from '../metrics/open-sockets.ts';
import type { HandOver } from './given-frame.ts';
import { SocketTap } from './socket-tap.ts';
import { checkTapOptions, type MediaTapOptions } from './tap-options.ts';

/** Of the states of a WebSocket, this and the one after it are its end. */
const SOCKET_CLOSING = 2;

/** A tap on a media stream. */
export type MediaTap = {
  /** What was counted so far: plain numbers. */
  readonly ledger: MediaLedger;
  /**
   * Spares a bot that decodes the caller's audio itself that it is decoded once more: called by the bot's `message`
   * listener, before it returns, once for a `media` message, with what that holds. What is not handed over, or wrongly, is
   * read by the tap. `this` is not needed.
   * @param samples all audio of the message as PCM16 at 8 kHz; read up to a second later, so it must stay as it is
   * @param timestampMs `media.timestamp`
   * @param sequenceNumber of the message; without it marks are placed by arrival
   */
  readonly heard: HandOver;
  /** Takes the tap off the socket; what it knows of the call is written when the call ends. */
  close(): void;
};

/**
 * Measures a call at the carrier, on the media clock of its Twilio stream, from the bot's own `ws` socket: attach it
 * after the bot's `message` listener and before the first turn. The bot's logic is not touched: it gets every message
 * but the echoes of the kit's marks, and sends the same bytes in the same order. Frames are looked at up to a second
 * (`lookEveryMs`) later than the bot gets them: their bytes must stay as they came. On a call that has ended, or a socket
 * that closes, there is nothing to measure: the tap then counts nothing and the socket is not touched. So does a second tap
 * on a call that has one.
 * @throws TypeError when an argument or an option is wrong, naming it, its value and the expected form
 */
export function tapMediaStream(
  callspan: Pick<Callspan, 'tools'>,
  call: CallTrace,
  socket: WebSocket,
  options?: MediaTapOptions,
): MediaTap {
  checkArguments(callspan, call, socket);
  const checked = checkTapOptions(options);
  const { isOff } = callspan.tools;
  if (isOff || call.isEnded || socket.readyState >= SOCKET_CLOSING) return NO_TAP;
  if (tapped.get(call)?.isClosed === false) {
    const error = new TypeError(
      'tapMediaStream: this call has a tap already; expected one, since each measures its waits',
    );
    reportMisuse(callspan.tools.problems, { kind: 'tapped_twice', context: call.context, error });
    return NO_TAP;
  }
  countSocket(callspan.tools.instruments, socket);
  const tap = new SocketTap(callspan.tools, call, { socket, options: checked });
  tapped.set(call, tap);
  return tap;
}

/** Where there is nothing to measure. */
const NO_TAP: MediaTap = { ledger: EMPTY_LEDGER, heard() {}, close() {} };

/** The tap that each call has. */
const tapped = new WeakMap<CallTrace, SocketTap>();

const ORDER = 'the arguments are (callspan, call, socket)';

function checkArguments(callspan: unknown, call: unknown, socket: unknown): void {
  if (typeof (callspan as { tools?: unknown } | undefined | null)?.tools !== 'object') {
    throw wrongArgument('callspan', callspan, `what createCallspan returns; ${ORDER}`);
  }
  if (!hasMethods(call, ['observe', 'startTurn', 'end'])) {
    throw wrongArgument('call', call, `what callspan.startCall returns; ${ORDER}`);
  }
  if (!hasMethods(socket, ['send', 'on', 'emit'])) {
    throw wrongArgument('socket', socket, `the ws socket of the media stream; ${ORDER}`);
  }
}
