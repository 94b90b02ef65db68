import {
  BACKUP_EVALUATION_MS,
  BACKUP_FOR_MS,
  BACKUP_HEARD_MS,
  BACKUP_METRIC,
  BACKUP_OVERDUE_MS,
} from '../rules/backup.ts';
import { fires, type TestGroup, testGroup } from './test-file.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = 300_000;
const MATCHERS = 'alertname="CallspanBackupMissed"';
const TOLD = [{ alertname: 'CallspanBackupMissed', severity: 'warning' }];

/** The first evaluation at which a backup of the beginning is overdue for long enough. */
const FIRST_MS = BACKUP_OVERDUE_MS + BACKUP_EVALUATION_MS + BACKUP_FOR_MS;

/** The daily backup; the clock of a test begins in 1970, so that 0 is its first moment. */
export function backupTests(): readonly TestGroup[] {
  const hour = HOUR_MS / STEP_MS;
  const group = (
    name: string,
    series: readonly (readonly [string, string])[],
    checks: TestGroup['promql_expr_test'],
  ) => ({
    ...testGroup(
      name,
      series.map(([instance, values]) => ({ series: `${BACKUP_METRIC}{instance="${instance}"}`, values })),
      checks,
    ),
    interval: '5m',
  });
  return [
    group(
      'a backup of the beginning, and no word of the service after an hour: told when it is overdue for long enough',
      [['a', `0+0x${hour} _x${40 * hour}`]],
      [
        fires(BACKUP_OVERDUE_MS, MATCHERS, []),
        fires(FIRST_MS - BACKUP_EVALUATION_MS, MATCHERS, []),
        fires(FIRST_MS, MATCHERS, TOLD),
      ],
    ),
    group(
      'a backup of the beginning, and no word of the service after an hour: told for four weeks, not for the days after it only',
      [['a', `0+0x${hour} _x${40 * hour}`]],
      [fires(BACKUP_HEARD_MS, MATCHERS, TOLD)],
    ),
    group(
      'a backup after a day, beside an older one of another place: nothing, and over when one is made at last',
      [
        ['a', `0+0x${40 * hour}`],
        ['b', `0+0x${24 * hour - 1} 86400+0x${16 * hour}`],
      ],
      [fires(FIRST_MS + 10 * HOUR_MS, MATCHERS, [])],
    ),
    group('no backup was ever spoken of: nothing', [['a', `_x${40 * hour}`]], [fires(FIRST_MS, MATCHERS, [])]),
  ];
}
