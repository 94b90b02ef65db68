import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { type MediaHandlers, serveMediaStream } from '../../../services/bot/adapters/twilio/media-socket.ts';

const FRAME = Buffer.alloc(160, 0x90);

/** A stream that has been accepted, without a network. */
function openStream() {
  const told: string[] = [];
  const handed: Int16Array[] = [];
  const heard: Int16Array[] = [];
  const handlers: MediaHandlers = {
    decoded(samples, timestampMs, sequenceNumber) {
      handed.push(samples);
      told.push(`decoded ${samples.length} at ${timestampMs}, number ${sequenceNumber}`);
    },
    frame(samples, timestampMs) {
      heard.push(samples);
      told.push(`frame ${samples.length} at ${timestampMs}`);
    },
    mark: () => undefined,
    dtmf: () => undefined,
    closed: () => undefined,
  };
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    close() {},
    send() {},
  });
  const owner = { introduce: () => ({ accept: () => handlers }), neverStarted: () => undefined };
  serveMediaStream(socket as unknown as WebSocket, owner);
  const send = (message: object) =>
    socket.emit('message', Buffer.from(JSON.stringify({ streamSid: 'MZ1', ...message })), false);
  const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
  send({ event: 'start', start: { accountSid: 'AC1', callSid: 'CA1', mediaFormat } });
  const hear = (audio: Buffer, sequence: object = { sequenceNumber: '7' }) =>
    send({
      event: 'media',
      ...sequence,
      media: { track: 'inbound', timestamp: '140', payload: audio.toString('base64') },
    });
  return { told, handed, heard, hear };
}

test('a whole frame is told with its place before it is heard, and is the same array', () => {
  const { told, handed, heard, hear } = openStream();
  hear(FRAME);
  expect(told).toEqual(['decoded 160 at 140, number 7', 'frame 160 at 140']);
  expect(heard[0]).toBe(handed[0]);
});

test.each([[{}], [{ sequenceNumber: 'seven' }]])('a frame with the number %j is heard all the same', (sequence) => {
  const { told, hear } = openStream();
  hear(FRAME, sequence);
  expect(told).toEqual(['decoded 160 at 140, number undefined', 'frame 160 at 140']);
});

test('what is longer or shorter than a frame is heard in frames, and left to whoever measures', () => {
  const { told, hear } = openStream();
  hear(Buffer.concat([FRAME, FRAME.subarray(0, 80)]));
  hear(FRAME.subarray(0, 40));
  expect(told).toEqual(['frame 160 at 140', 'frame 160 at 160', 'frame 160 at 140']);
});
