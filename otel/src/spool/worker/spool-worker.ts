import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Counters, createCounters } from './counters.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { createDisk } from './disk.ts';
import { type FromWorker, SIGNALS, type Signal, type SpoolSettings, type ToWorker } from './protocol.ts';
import { createReporter } from './reporter.ts';
import { createSender } from './send.ts';
import { openStorage, type Storage } from './storage.ts';

/** A sign of life for processes of other hosts, which take over what has been silent for two minutes. */
const MAINTAIN_EVERY_MS = 20_000;
/** After a power failure at most so much of what waited is missing; the end of a process takes nothing. */
const SYNC_EVERY_MS = 5000;
const ADOPT_EVERY_MS = 60_000;

type Lanes = Readonly<Record<Signal, Delivery>>;

// A thread of its own: a disk may take its time, and the media loop must send a frame every 20 ms. Nothing but node:
// builtins here, so that the thread stays small; and nothing that is instrumented, so that it traces nothing.
if (parentPort) {
  const port = parentPort;
  const settings = workerData as SpoolSettings;
  try {
    serve(port, settings);
  } catch (error) {
    port.postMessage({ type: 'unusable', text: String(error) } satisfies FromWorker);
    port.close();
  }
}

function serve(port: MessagePort, settings: SpoolSettings): void {
  const counters: Counters = createCounters(settings.counters);
  const tell = (kind: string, text: string) => port.postMessage({ type: 'problem', kind, text } satisfies FromWorker);
  const report = createReporter(tell);
  const storage = openStorage(settings, counters, report, createDisk());
  const lanes: Lanes = {
    traces: createDelivery('traces', storage, report),
    logs: createDelivery('logs', storage, report),
    metrics: createDelivery('metrics', storage, report),
  };
  port.on('message', (message: ToWorker) => {
    if (message.type === 'batch') {
      storage.store(message.signal, message.batch);
      lanes[message.signal].wake();
    } else if (message.type === 'destinations') {
      for (const signal of SIGNALS) {
        lanes[signal].setSender(createSender(message.destinations[signal], settings.userAgent));
      }
    } else {
      void drain(storage, lanes[message.signal], message.deadlineMs).then(() =>
        port.postMessage({ type: 'drained', id: message.id } satisfies FromWorker),
      );
    }
  });
  keepHouse(storage, lanes);
}

async function drain(storage: Storage, lane: Delivery, deadlineMs: number): Promise<void> {
  await lane.drain(deadlineMs);
  await storage.sync();
  storage.tidy();
}

function keepHouse(storage: Storage, lanes: Lanes): void {
  const adopt = async () => {
    await storage.adopt();
    for (const signal of SIGNALS) lanes[signal].wake();
  };
  setInterval(() => storage.maintain(Date.now()), MAINTAIN_EVERY_MS);
  setInterval(() => void storage.sync(), SYNC_EVERY_MS);
  setInterval(() => void adopt(), ADOPT_EVERY_MS);
  void adopt();
}
