import { LogEvent } from '../spans.ts';
import type { Room } from './describe.ts';

/** What one log record says. */
export type LogDescriptor = {
  readonly room: Room;
  readonly severity: 'info' | 'warn' | 'error';
  readonly meaning: string;
  readonly example: string;
  readonly source: string;
};

type Row = readonly [room: Room, severity: LogDescriptor['severity'], meaning: string, example: string, source: string];

const BY_CONSTANT: Readonly<Record<keyof typeof LogEvent, Row>> = {
  callStarted: ['call', 'info', 'a call has begun', 'call started', 'the bot'],
  callRejected: ['call', 'warn', 'a request or a media stream was refused', 'media stream refused', 'the bot'],
  callFinished: ['call', 'info', 'a call has ended, with its outcome', 'call finished', 'the bot'],
  callFailed: ['call', 'error', 'a stage of a call gave up', 'reply failed', 'the bot'],
  callPerformance: ['call', 'info', 'waits and stage durations of a call', '6 turns, median wait 904 ms', 'the kit'],
  transcriptionStarted: ['model', 'info', 'a transcription was asked for', 'transcription started', 'the kit'],
  transcriptionReceived: ['model', 'info', 'a transcript came, with its length', 'transcription received', 'the kit'],
  replyStarted: ['model', 'info', 'a reply was asked for', 'reply started', 'the kit'],
  replyFinished: ['model', 'info', 'a reply is complete, with its length', 'reply finished', 'the kit'],
  extractionStarted: ['model', 'info', 'an extraction was asked for', 'extraction started', 'the kit'],
  extractionFinished: ['model', 'info', 'an extraction is complete', 'extraction finished', 'the kit'],
  transcript: ['model', 'info', 'content: what the caller said', 'Bonjour, un rendez-vous mardi.', 'the bot'],
  prompt: ['model', 'info', 'content: what the model was told', 'Vous êtes l’accueil…', 'the bot'],
  reply: ['model', 'info', 'content: what the bot said', 'Très bien, à quelle heure ?', 'the bot'],
  extraction: ['model', 'info', 'content: the form as extracted', '{"subject": "visite"}', 'the bot'],
  envelope: [
    'media',
    'info',
    'speech intervals and loudness per 100 ms of both sides; numbers only',
    '{"caller": […]}',
    'the kit',
  ],
  mediaProblem: [
    'media',
    'warn',
    'something was wrong on the line or in the kit; each kind once a minute',
    'bad_message',
    'the kit',
  ],
  saveStarted: ['records', 'info', 'a record is being saved', 'saving the record', 'the outbox'],
  saveSaved: ['records', 'info', 'a record was delivered', 'record saved', 'the outbox'],
  saveFailed: ['records', 'warn', 'a delivery failed and is tried again', 'record not delivered yet', 'the outbox'],
  saveDead: ['records', 'error', 'a record was refused for good and is kept', 'record refused for good', 'the outbox'],
  stageStuck: [
    'limits',
    'warn',
    'a stage is past its critical limit and still runs',
    'chat gpt-6-luna is still running after 8001 ms',
    'the kit',
  ],
  thresholdBreached: [
    'limits',
    'warn',
    'an execution passed a limit',
    'chat gpt-6-luna took 3412 ms, over its warning limit',
    'the kit',
  ],
  httpRequest: ['process', 'info', 'one request: method, route, status, duration', 'POST /voice 200', 'every service'],
  serviceStarted: ['process', 'info', 'a service has opened its doors', 'bot started', 'every service'],
  serviceHeartbeat: ['process', 'info', 'a service is there, once a minute', 'bot is up', 'every service'],
  serviceStopping: ['process', 'info', 'a service closes its doors', 'bot stopped', 'every service'],
  dependencyDown: ['process', 'error', 'something that a service needs does not answer', 'records is down', 'the kit'],
  dependencyUp: ['process', 'info', 'it answers again', 'records is up', 'the kit'],
  exception: ['process', 'error', 'an error that nobody handled', 'unhandled rejection: TypeError', 'the kit'],
  registerNotice: [
    'process',
    'info',
    'what is watched in a bot that was not written for it, and what could not be seen',
    'no webhook was seen for this call: its trace begins with its media stream',
    'callspan/register',
  ],
};

/** Every log record by its `event.name`. */
export const LOG_DESCRIPTORS: Readonly<Record<string, LogDescriptor>> = Object.fromEntries(
  Object.entries(BY_CONSTANT).map(([key, [room, severity, meaning, example, source]]) => [
    LogEvent[key as keyof typeof LogEvent],
    { room, severity, meaning, example, source },
  ]),
);
