import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSpoolConfig } from '../../../otel/src/spool/config.ts';
import type { Finding } from '../finding.ts';
import type { Setup } from '../setup.ts';

/** Services of the set that have a spool. */
const TRACED = ['bot', 'records'] as const;
/** Share of what a spool may hold from which the oldest are soon dropped. */
const FULL = 0.5;
/** Where the spool puts what nobody takes (docs/spool.md). */
const ASIDE = ['dead', 'damaged'] as const;
const MIB = 2 ** 20;

/** Whether telemetry waits on the disk, and whether some of it was refused. */
export function checkSpool({ plan, env }: Setup): readonly Finding[] {
  const services = TRACED.filter((name) => plan?.services.includes(name) ?? true);
  return services.flatMap((service) => {
    const { isOn, folder, maxBytes } = readSpoolConfig(service, env);
    if (!isOn) {
      const what = 'what its receiver does not take is lost';
      return [{ id: 'spool.off', level: 'warning', what, where: 'CALLSPAN_SPOOL', wayOut: 'unset CALLSPAN_SPOOL' }];
    }
    return [checkWaiting(service, folder, maxBytes), ...ASIDE.flatMap((name) => checkAside(join(folder, name)))];
  });
}

function checkWaiting(service: string, folder: string, maxBytes: number): Finding {
  const waiting = sizeOf(folder);
  const what = `${(waiting / MIB).toFixed(1)} MiB of ${service} on the disk`;
  const finding = { id: 'spool.waiting', where: folder, what };
  if (waiting < maxBytes * FULL) return { ...finding, level: 'ok', wayOut: '' };
  const wayOut = `its receiver takes nothing: see the log of ${service}; above ${maxBytes / MIB} MiB the oldest are dropped`;
  return { ...finding, level: 'warning', wayOut };
}

function checkAside(folder: string): readonly Finding[] {
  const bytes = sizeOf(folder);
  if (bytes === 0) return [];
  const what = `${(bytes / MIB).toFixed(1)} MiB that ${folder.endsWith('dead') ? 'the receiver refused for good' : 'could not be read'}`;
  return [
    {
      id: 'spool.aside',
      level: 'warning',
      what,
      where: folder,
      wayOut: 'docs/spool.md, "On disk", says how to send it again',
    },
  ];
}

/** Bytes of all files below; 0 where there is no folder. Files come and go while it is read. */
function sizeOf(folder: string): number {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names.reduce((sum, name) => {
      const stat = statSync(join(folder, name), { throwIfNoEntry: false });
      return sum + (stat?.isFile() ? stat.size : 0);
    }, 0);
  } catch {
    return 0;
  }
}
