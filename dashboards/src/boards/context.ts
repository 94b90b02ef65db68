import type { Links } from '../../../thresholds/generate/rules/words.ts';
import type { Limit } from '../../../thresholds/model.ts';
import type { LimitLines } from '../panels.ts';

/** What boards are made of beside their own words. */
export type BoardContext = {
  /** Lines of each limit, by its id, and of the plain figures by theirs. */
  readonly lines: Readonly<Record<string, LimitLines>>;
  /** The limits on durations of spans, in the order of the thresholds file. */
  readonly limits: readonly Limit[];
  readonly links: Links;
};

/** A runbook's address, as a panel's link. */
export function runbookLink({ links }: BoardContext, alert: string): Readonly<Record<string, string>> {
  return { [`Runbook: ${alert}`]: `${links.runbooksUrl}/${alert}.md` };
}
