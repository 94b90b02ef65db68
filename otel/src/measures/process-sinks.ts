import type { Problems } from '../logs/problems.ts';
import { onShutdown } from '../sdk/shutdown.ts';
import type { MeasureConfig } from './config.ts';
import { openInfluxListener } from './influx-listener.ts';
import type { MeasureListener } from './measure.ts';
import { openMeasuresFile } from './measures-file.ts';

/** Less than the telemetry's own deadline, which waits for this too. */
const CLOSE_DEADLINE_MS = 2000;

let opened: readonly MeasureListener[] | undefined;

/**
 * The file and the database of this process, opened once, whoever asks first; what goes wrong there is reported to
 * `problems` of who did.
 * @throws Error when InfluxDB is configured and its client is not installed
 */
export function openProcessSinks(config: MeasureConfig, problems: Problems): readonly MeasureListener[] {
  opened ??= open(config, problems);
  return opened;
}

function open({ disabled, file, influx, service }: MeasureConfig, problems: Problems): readonly MeasureListener[] {
  if (disabled) return [];
  const listeners: MeasureListener[] = [];
  // First what may throw: nothing is open then.
  if (influx) {
    const { listener, close } = openInfluxListener({ ...influx, service }, problems);
    onShutdown(() => close(CLOSE_DEADLINE_MS));
    listeners.push(listener);
  }
  if (file) {
    const { listener, flush } = openMeasuresFile({ path: file }, problems);
    onShutdown(flush);
    process.once('exit', flush);
    listeners.push(listener);
  }
  return listeners;
}
