import { PORTS, PORTS_OF } from '../../../services/set/environment.ts';
import { findHolder, isTaken } from '../../../services/set/ports.ts';
import type { Finding } from '../finding.ts';
import type { Setup } from '../setup.ts';

/** Whether the ports of the set are free, or held by a set that runs. */
export async function checkPorts({ plan }: Setup): Promise<readonly Finding[]> {
  if (!plan) return [];
  const doors = plan.services.flatMap((service) => PORTS_OF[service].map((door) => ({ service, door })));
  return Promise.all(
    doors.map(async ({ service, door }): Promise<Finding> => {
      const { variable } = PORTS[door];
      const { port } = new URL(plan.address(door));
      const finding = { id: `ports.${door}`, where: `127.0.0.1:${port} (${variable})` };
      if (!(await isTaken(Number(port)))) return { ...finding, level: 'ok', what: `free for ${service}`, wayOut: '' };
      const holder = findHolder(Number(port));
      if (holder?.startsWith('another Callspan')) {
        return { ...finding, level: 'ok', what: `held by ${holder.replace('another ', '')}`, wayOut: '' };
      }
      const what = `in use by ${holder ?? 'a process that this user may not see'}`;
      return { ...finding, level: 'error', what, wayOut: `stop it, or set ${variable} to a free port` };
    }),
  );
}
