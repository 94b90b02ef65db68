const SCRIPTS = ['appointment-fr', 'appointment-en', 'interrupts', 'one-question'];
const ORDER_TIMEOUT_MS = 5000;

/**
 * Places calls through the simulated line at a steady rate, one script after the other, until the function that it returns is called. A
 * call that cannot be placed is left out: the next one comes. @param perMinute 0: none
 */
export function keepCalling(line: string, perMinute: number): () => void {
  if (perMinute === 0) return () => undefined;
  let placed = 0;
  const timer = setInterval(() => {
    const script = SCRIPTS[placed % SCRIPTS.length];
    placed += 1;
    const order = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ script }) };
    fetch(`${line}/calls`, { ...order, signal: AbortSignal.timeout(ORDER_TIMEOUT_MS) }).catch(() => undefined);
  }, 60_000 / perMinute);
  return () => clearInterval(timer);
}
