import type { EventEmitter } from 'node:events';
import { Metric } from '../conventions/index.ts';
import type { Instruments } from '../instruments.ts';

const counted = new WeakSet<object>();

/** Counts a socket of a media stream until it closes; once, however often it is tapped. */
export function countSocket(instruments: Instruments, socket: Pick<EventEmitter, 'once'>): void {
  if (counted.has(socket)) return;
  counted.add(socket);
  instruments.record(Metric.websocketActive, 1);
  socket.once('close', () => instruments.record(Metric.websocketActive, -1));
}
