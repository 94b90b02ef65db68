import { useSyncExternalStore } from 'react';
import { usePage } from '../data/page-context.ts';

/** Whether the page is being kept up to date, in words. */
export function Connection() {
  const { words, live } = usePage();
  const state = useSyncExternalStore(live.listenState, live.state);
  return (
    <span className={`connection connection-${state}`} role="status">
      {words.connection[state]}
    </span>
  );
}
