import type { CallData } from './call-data.ts';
import { type Cause, listCauses } from './cause.ts';
import { findLargestSegment, listGaps } from './gap.ts';

/** Why rows took long, by span id: the causes of the largest segment of each wait that passed a limit, as the sentence tells them. */
export function listRowNotes(data: CallData): ReadonlyMap<string, readonly Cause[]> {
  const notes = new Map<string, readonly Cause[]>();
  const evidence = { spans: [...data.spans.values()], logs: data.logs };
  for (const gap of listGaps(evidence.spans)) {
    const segment = gap.level === null ? null : findLargestSegment(gap);
    const causes = segment ? listCauses(evidence, gap, segment) : [];
    if (segment && causes.length > 0) notes.set(segment.spanId, causes.slice(0, 1));
  }
  return notes;
}
