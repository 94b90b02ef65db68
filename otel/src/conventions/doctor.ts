/**
 * The one name of what `npm run doctor` sends to see whether telemetry arrives: span, event of a log record and gauge (its
 * value is the moment it was sent, epoch seconds). Not part of any call.
 */
export const DOCTOR_SIGNAL = 'callspan.doctor';
