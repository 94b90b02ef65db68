import { type RefObject, useEffect } from 'react';
import { usePage } from './page-context.ts';

type Places = {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly table: RefObject<HTMLTableElement | null>;
};

/** Gives the focus to what one came to the list for: the search, or the call that one comes back from, so that the keys go on there. */
export function useArrival({ field, table }: Places, hasRows: boolean): void {
  const { arrival } = usePage();
  useEffect(() => {
    if (!arrival.searches) return;
    arrival.searches = false;
    arrival.fromCall = null;
    field.current?.focus();
  }, [arrival, field]);
  useEffect(() => {
    if (!hasRows || arrival.fromCall === null) return;
    const links = [...(table.current?.querySelectorAll('a') ?? [])];
    // Whoever has gone on to something else meanwhile keeps it.
    if (document.activeElement === document.body) links.find(({ title }) => title === arrival.fromCall)?.focus();
    arrival.fromCall = null;
  }, [arrival, table, hasRows]);
}
