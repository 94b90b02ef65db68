import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const { receivers } = parse(readFileSync('collector/overlays/host-metrics.yaml', 'utf8')) as {
  receivers: {
    host_metrics: {
      scrapers: {
        network: { exclude: { interfaces: string[] } };
        filesystem: { exclude_mount_points: { mount_points: string[] } };
      };
    };
  };
};
const { network, filesystem } = receivers.host_metrics.scrapers;
/** As the receiver does: a name that an expression is found in is left out. */
const isLeftOut = (expressions: readonly string[], name: string) =>
  expressions.some((expression) => new RegExp(expression).test(name));

test('interfaces of containers and the loop are left out, cards are not, whatever letters are in their names', () => {
  const shown = ['lo', 'veth1a2b', 'br-0f3e', 'docker0', 'eth0', 'enp3s0', 'wlo1', 'eno1-lo'].filter(
    (name) => !isLeftOut(network.exclude.interfaces, name),
  );
  expect(shown).toEqual(['eth0', 'enp3s0', 'wlo1', 'eno1-lo']);
});

test('what lies in memory or is a layer of a container is no disk, but a disk may have any place and name', () => {
  const places = [
    '/',
    '/boot/efi',
    '/run/lock',
    '/dev/shm',
    '/var/lib/docker/overlay2/1/merged',
    '/var/lib/kubelet/pods/1',
  ];
  const disks = ['/var/lib/docker', '/mnt/boot', '/srv/devices', '/home/run', '/mnt/backups', '/developers'];
  const shown = [...places, ...disks].filter((name) => !isLeftOut(filesystem.exclude_mount_points.mount_points, name));
  expect(shown).toEqual(['/', ...disks]);
});
