import type { Problems } from '../logs/problems.ts';
import { renewProcessRedactor } from '../redaction/redactor.ts';
import { readMeasureConfig } from './config.ts';
import type { MeasureListener } from './measure.ts';
import { createMeasures, createNoMeasures, type Measures } from './measures.ts';
import { openProcessSinks } from './process-sinks.ts';

/**
 * The measures of a kit, as the environment says (see `readMeasureConfig`): statistics of its own, the file and the
 * database of the process, and `listeners`.
 * @throws TypeError naming the variable that is wrong or missing; Error when that is `CALLSPAN_CAPTURE`
 */
export function openMeasures(problems: Problems, listeners: readonly MeasureListener[] = []): Measures {
  const config = readMeasureConfig();
  if (config.disabled) return createNoMeasures();
  const all = [...openProcessSinks(config, problems), ...listeners];
  return createMeasures({ problems, listeners: all, redactor: renewProcessRedactor() });
}

/** The same where nobody may be thrown at: with a wrong environment there are no measures. */
export function openMeasuresQuietly(problems: Problems): Measures {
  try {
    return openMeasures(problems);
  } catch (error) {
    problems.report('measures_off', undefined, error);
    return createNoMeasures();
  }
}
