import { useEffect, useState } from 'react';

/** The time (epoch milliseconds), moving on by itself while `isMoving`. People who asked for less motion get fewer steps. */
export function useNow(isMoving: boolean): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!isMoving) return;
    const stepMs = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1000 : 200;
    const timer = setInterval(() => setNowMs(Date.now()), stepMs);
    return () => clearInterval(timer);
  }, [isMoving]);
  return nowMs;
}
