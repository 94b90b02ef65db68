import { isMainThread } from 'node:worker_threads';
import { isValidTraceId } from '@opentelemetry/api';
import { isNodeTooOld, tellNodeTooOld } from '../node-version.ts';
import type { CallTrace, KitTools } from './call.ts';

const UNTRACED =
  'callspan: calls are not traced, because no OpenTelemetry SDK runs in this process: start it with node --require callspan/preload, or say by OTEL_SDK_DISABLED=true that this is meant\n';
const IN_WORKER =
  'callspan: calls that a worker thread starts are not traced: no thread but the main one has an OpenTelemetry SDK; start them there, or in a process of their own\n';

let hasTold = false;

/** Says once on stderr what to do when a call has no trace: nothing else would tell that everything is missing. */
export function tellWhenUntraced({ isOff }: Pick<KitTools, 'isOff'>, { traceId }: Pick<CallTrace, 'traceId'>): void {
  if (hasTold || isOff || isValidTraceId(traceId)) return;
  hasTold = true;
  if (isNodeTooOld()) tellNodeTooOld();
  else process.stderr.write(isMainThread ? UNTRACED : IN_WORKER);
}
