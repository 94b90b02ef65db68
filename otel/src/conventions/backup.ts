/** Gauge of the daily backup: when the last complete one was made, epoch seconds (unit `s`); 0: never. */
export const BACKUP_COMPLETED = 'callspan.backup.completed';
