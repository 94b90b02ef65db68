import { BACKUP_COMPLETED } from 'callspan/conventions';
import { formatDuration } from '../../durations.ts';
import { alarm, type RuleGroup } from './rule-file.ts';
import { type Links, runbook } from './words.ts';

/** A day, and time to make one. */
export const BACKUP_OVERDUE_MS = 26 * 3_600_000;
/** So long it has to be overdue. */
export const BACKUP_FOR_MS = 600_000;
/** It is no matter of seconds. */
export const BACKUP_EVALUATION_MS = 60_000;
/** The last word of a backup service that is gone is still heard, nearly as long as production keeps any. */
export const BACKUP_HEARD_MS = 28 * 86_400_000;
const ALERT = 'CallspanBackupMissed';

/** Name of the gauge in Prometheus; its value is epoch seconds. */
export const BACKUP_METRIC = `${BACKUP_COMPLETED.replaceAll('.', '_')}_seconds`;

/** Whether the daily backup is made. Where none was ever spoken of (development) nothing is told of one. */
export function backupGroup(links: Links): RuleGroup {
  const missed = alarm({
    alert: ALERT,
    severity: 'warning',
    expr: `time() - max(last_over_time(${BACKUP_METRIC}[${formatDuration(BACKUP_HEARD_MS)}])) > ${BACKUP_OVERDUE_MS / 1000}`,
    forMs: BACKUP_FOR_MS,
    annotations: {
      summary: 'The last complete backup is {{ $value | humanizeDuration }} old: one is made a day',
      description: 'What is lost now was not saved since. A backup that was never made counts from 1970.',
      runbook_url: runbook(ALERT, links),
    },
  });
  return { name: 'callspan-backup', interval: formatDuration(BACKUP_EVALUATION_MS), rules: [missed] };
}
