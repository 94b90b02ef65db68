import { createContext, useContext } from 'react';
import { en } from '../words/en.ts';
import type { Words } from '../words/words.ts';
import type { CallListStore } from './call-list-store.ts';
import type { Live } from './live.ts';

/** What every view needs: the dictionary, the live stream and the list of calls. */
export type PageContext = {
  readonly words: Words;
  readonly live: Live;
  readonly callList: CallListStore;
  /** How one comes to the list; read once, when it is shown. */
  readonly arrival: Arrival;
};

/** `fromCall`: the call that was looked at last; `searches`: whether the search was asked for. */
export type Arrival = { fromCall: string | null; searches: boolean };

/** Provided once, in `main.tsx`. */
export const PageProvider = createContext<PageContext | null>(null);

/** The page's context. @throws Error outside of {@link PageProvider} */
export function usePage(): PageContext {
  const page = useContext(PageProvider);
  if (!page) throw new Error('no page context');
  return page;
}

/** The dictionary alone; English before there is a context. */
export function useWords(): Words {
  return useContext(PageProvider)?.words ?? en;
}
