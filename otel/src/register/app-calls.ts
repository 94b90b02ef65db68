import { onCallStart } from '../call/call-starts.ts';
import type { Callspan } from '../callspan.ts';
import type { CallStreams } from './call-streams.ts';
import type { Guard } from './guard.ts';
import type { Notices } from './notices.ts';
import type { Sightings } from './sightings.ts';

/** Whether the app starts calls with the kit itself. */
export type AppCalls = { readonly areTraced: boolean };

type Parts = {
  readonly guard: Guard;
  readonly callspan: Pick<Callspan, 'tools'>;
  readonly streams: CallStreams;
  readonly sightings: Pick<Sightings, 'silence'>;
  readonly notices: Notices;
};

const WHICH_PRELOAD =
  'this application starts its calls with the kit itself, so nothing is inferred any more: start it with --require callspan/preload, not callspan/register';

/**
 * Watches for calls that the app starts with the kit itself. From the first one on nothing is inferred any more, or each
 * call would be there twice; what was begun for a call before the app started it is forgotten.
 */
export function watchAppCalls({ guard, callspan, streams, sightings, notices }: Parts): AppCalls {
  const found = { areTraced: false };
  onCallStart((tools, callSid) => {
    if (tools === callspan.tools) return;
    guard(() => streams.get(callSid)?.handOver());
    if (found.areTraced) return;
    found.areTraced = true;
    guard(() => sightings.silence());
    guard(() => notices.notice(WHICH_PRELOAD));
  });
  return found;
}
