import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { z } from 'zod';
import type { SignatureCheck } from './signature.ts';

const MAX_FORM_BYTES = '100kb';

const VoiceForm = z.object({
  CallSid: z.string().regex(/^CA[0-9a-f]{32}$/),
  AccountSid: z.string().regex(/^AC[0-9a-f]{32}$/),
  From: z.string().max(100).default(''),
  To: z.string().max(100).default(''),
});
const StatusForm = VoiceForm.pick({ CallSid: true, AccountSid: true }).extend({
  CallStatus: z.string().max(40).default('unknown'),
});
const StreamStatusForm = VoiceForm.pick({ CallSid: true, AccountSid: true }).extend({
  StreamSid: z.string().max(40).default(''),
  StreamEvent: z.string().max(40).default('unknown'),
  StreamError: z.string().max(500).default(''),
});

/** A call that Twilio announces. `from` and `to` as Twilio writes them, normally E.164. */
export type VoiceRequest = z.infer<typeof VoiceForm>;
export type StatusRequest = z.infer<typeof StatusForm>;
export type StreamStatusRequest = z.infer<typeof StreamStatusForm>;

/** What the public door does with verified webhooks. */
export type WebhookHandlers = {
  /** The TwiML of the answer. */
  readonly voice: (form: VoiceRequest, request: Request, response: Response) => string;
  readonly status: (form: StatusRequest, request: Request, response: Response) => void;
  readonly streamStatus: (form: StreamStatusRequest, request: Request, response: Response) => void;
  /** True while the bot is stopping: Twilio then uses the number's fallback. */
  readonly draining: () => boolean;
};

/** A path that a stranger made up is no route. */
const ROUTES: ReadonlySet<string> = new Set(['/voice', '/status', '/stream-status']);

/** A request as its log line tells it; never its form. */
export type ServedRequest = {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
};

export type WebhookAppOptions = {
  readonly signatures: SignatureCheck;
  readonly accountSid: string;
  readonly handlers: WebhookHandlers;
  /** Sees every request first. */
  readonly arrived: (request: Request, response: Response, next: NextFunction) => void;
  /** Told once a request, when its answer has been sent. */
  readonly onServed: (request: ServedRequest, response: Response) => void;
  readonly onRefused: (reason: string, request: Request) => void;
};

/** The public door: Twilio's webhooks and nothing else. Everything unsigned is refused before anything is started. */
export function createWebhookApp(options: WebhookAppOptions): Express {
  const { handlers } = options;
  const app = express();
  app.disable('x-powered-by');
  app.use(options.arrived);
  app.use((request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const durationMs = Math.round(performance.now() - startedAt);
      const route = ROUTES.has(request.path) ? request.path : 'unknown';
      options.onServed({ method: request.method, route, status: response.statusCode, durationMs }, response);
    });
    next();
  });
  // Not extended: Twilio signs the keys as they are, brackets included.
  app.use(express.urlencoded({ extended: false, limit: MAX_FORM_BYTES }));
  app.use((request, response, next) => {
    const refusal = refusalOf(request, options);
    if (!refusal) next();
    else {
      options.onRefused(refusal.reason, request);
      response.status(refusal.status).type('text/plain').send(`${refusal.reason}\n`);
    }
  });
  const route = <F extends { AccountSid: string }>(
    path: string,
    schema: z.ZodType<F>,
    handle: (form: F, request: Request, response: Response) => void,
  ) =>
    app.post(path, (request, response) => {
      const form = schema.safeParse(request.body);
      if (!form.success)
        response
          .status(400)
          .type('text/plain')
          .send(`bad form: ${form.error.issues.map((issue) => issue.path.join('.')).join(', ')}\n`);
      else if (form.data.AccountSid !== options.accountSid)
        response.status(403).type('text/plain').send('not our account\n');
      else handle(form.data, request, response);
    });
  route('/voice', VoiceForm, (form, request, response) => {
    if (handlers.draining()) response.status(503).type('text/plain').send('stopping\n');
    else response.type('text/xml').send(handlers.voice(form, request, response));
  });
  route('/status', StatusForm, (form, request, response) => {
    handlers.status(form, request, response);
    response.status(204).end();
  });
  route('/stream-status', StreamStatusForm, (form, request, response) => {
    handlers.streamStatus(form, request, response);
    response.status(204).end();
  });
  app.use((_request, response) => void response.status(404).type('text/plain').send('not found\n'));
  app.use((error: { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
    response
      .status(error.status ?? 500)
      .type('text/plain')
      .send(error.status ? 'bad request\n' : 'internal error\n');
  });
  return app;
}

function refusalOf(
  request: Request,
  { signatures }: WebhookAppOptions,
): { status: number; reason: string } | undefined {
  if (request.method !== 'POST') return undefined;
  if (!request.is('application/x-www-form-urlencoded')) return { status: 415, reason: 'the body must be a form' };
  // With bodySHA256 in the query Twilio signs the URL alone: the fields of a form would be anybody's.
  if (request.query.bodySHA256 !== undefined) return { status: 403, reason: 'bodySHA256 is for JSON bodies' };
  const signed = signatures.webhook(
    request.get('x-twilio-signature'),
    request.originalUrl,
    request.body as Record<string, string>,
  );
  return signed ? undefined : { status: 403, reason: 'signature missing or wrong' };
}
