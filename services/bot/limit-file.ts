import { readFileSync, statSync } from 'node:fs';
import { Stage } from 'callspan/conventions';
import { z } from 'zod';

const MAX_BYTES = 1_000_000;
const ms = z.number().positive();
const figures = { id: z.string().min(1), warningMs: ms, criticalMs: ms };
const Row = z.object({ ...figures, stage: z.enum(Object.values(Stage)), provider: z.string().min(1).optional() });

const LimitFileSchema = z.object({
  limits: z.array(Row),
  deadAir: z.object(figures),
  eventLoopBlocked: z.object(figures),
  boundsMs: z.array(ms).min(1),
});

/**
 * What `npm run generate` makes of the thresholds for a bot. Milliseconds. A row without `provider` is for every provider
 * without a row of its own; `boundsMs` are the bounds of the histograms that alerts count in, ascending.
 */
export type LimitFile = z.output<typeof LimitFileSchema>;

/** A warning and a critical figure, milliseconds, under the id that variables know. */
export type Figures = LimitFile['deadAir'];

/** @throws Error of one line that names the file and what is wrong with it */
export function readLimitFile(file: string): LimitFile {
  try {
    const found = statSync(file);
    if (!found.isFile()) throw new Error('it is no plain file');
    if (found.size > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} bytes`);
    const read = LimitFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    refuseContradictions(read);
    return read;
  } catch (error) {
    throw new Error(`${file} is no file of limits (npm run generate makes one): ${firstReason(error)}`);
  }
}

/** Every row with two figures. */
export function listFigures({ limits, deadAir, eventLoopBlocked }: LimitFile): readonly Figures[] {
  return [...limits, deadAir, eventLoopBlocked];
}

function refuseContradictions(file: LimitFile): void {
  const places = file.limits.map(({ stage, provider }) => (provider === undefined ? stage : `${stage} of ${provider}`));
  const twice = places.find((place, at) => places.indexOf(place) !== at);
  if (twice !== undefined) throw new Error(`two rows for ${twice}`);
  const reversed = listFigures(file).find(({ warningMs, criticalMs }) => warningMs > criticalMs);
  if (reversed) throw new Error(`${reversed.id}: warningMs ${reversed.warningMs} is above ${reversed.criticalMs}`);
}

function firstReason(error: unknown): string {
  const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
  if (issue) return `${issue.path.join('.') || 'the whole'}: ${issue.message}`;
  return (error as Error).message.split('\n', 1)[0] ?? 'cannot be read';
}
