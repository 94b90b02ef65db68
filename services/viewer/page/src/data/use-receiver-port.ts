import { useEffect, useState } from 'react';
import { findReceiverPort } from './api.ts';

/** The port on which the viewer receives OTLP; null until it is known, and where it cannot be asked. */
export function useReceiverPort(): number | null {
  const [port, setPort] = useState<number | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    // Nothing is said rather than a port that may be another's: the list itself tells that the viewer does not answer.
    findReceiverPort(abort.signal).then(setPort, () => {});
    return () => abort.abort();
  }, []);
  return port;
}
