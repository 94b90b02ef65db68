import { timingSafeEqual } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import type { CallEntry, Switchboard } from '../../domain/switchboard.ts';

/** Whose account, and the calls it can reach. */
export type TwilioRestOptions = {
  readonly switchboard: Switchboard;
  readonly accountSid: string;
  readonly authToken: string;
};

/**
 * The part of Twilio's REST that a bot uses on its own call: fetch it, and hang up by `Status=completed`
 * (https://www.twilio.com/docs/voice/api/call-resource). Errors have Twilio's shape and numbers.
 */
export function createTwilioRest({ switchboard, accountSid, authToken }: TwilioRestOptions): Router {
  const router = express.Router();
  const expected = Buffer.from(`Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`);
  router.use((request, response, next) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length === expected.length && timingSafeEqual(given, expected)) next();
    else answerError(response, 401, 20003, 'Authenticate');
  });
  const path = '/Accounts/:accountSid/Calls/:callSid.json';
  const find = (request: Request<{ accountSid: string; callSid: string }>) =>
    request.params.accountSid === accountSid ? switchboard.find(request.params.callSid) : undefined;
  router.get(path, (request, response) => {
    const entry = find(request);
    if (entry) response.json(createCallResource(entry, accountSid));
    else answerNotFound(request, response);
  });
  router.post(path, express.urlencoded({ extended: false }), (request, response) => {
    const entry = find(request);
    const status = (request.body as Record<string, unknown> | undefined)?.Status;
    if (!entry) answerNotFound(request, response);
    else if (status !== 'completed')
      answerError(response, 400, 20001, 'The simulated line can only be asked for Status=completed');
    else if (switchboard.hangUp(entry.callSid, 'bot')) response.json(createCallResource(entry, accountSid));
    else answerNotFound(request, response);
  });
  router.use(answerNotFound);
  return router;
}

function answerNotFound(request: Request, response: Response): void {
  answerError(response, 404, 20404, `The requested resource ${request.originalUrl} was not found`);
}

function answerError(response: Response, status: number, code: number, message: string): void {
  response.status(status).json({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
}

function createCallResource(entry: CallEntry, accountSid: string): Record<string, unknown> {
  const { callSid, from, to, startedAt } = entry;
  const date = (at: Date) => at.toUTCString().replace('GMT', '+0000');
  // Not the result, which waits for what others know of the call.
  const ended = entry.events.find((event) => event.type === 'ended');
  const endedAt = ended ? date(new Date(startedAt.getTime() + ended.durationMs)) : null;
  return {
    sid: callSid,
    account_sid: accountSid,
    api_version: '2010-04-01',
    date_created: date(startedAt),
    date_updated: endedAt ?? date(startedAt),
    direction: 'inbound',
    duration: ended ? `${Math.round(ended.durationMs / 1000)}` : null,
    end_time: endedAt,
    from,
    from_formatted: from,
    start_time: date(startedAt),
    status: ended?.status ?? 'in-progress',
    to,
    to_formatted: to,
    uri: `/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`,
  };
}
