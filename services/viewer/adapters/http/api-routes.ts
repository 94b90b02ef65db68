import { Router } from 'express';
import { z } from 'zod';
import type { Receiver } from '../../api/types.ts';
import { ViewerError } from '../../domain/errors.ts';
import type { TelemetryStore } from '../../domain/ports.ts';
import { generateOpenApi } from './openapi.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** Longer lists make addresses that not everything passes on. */
const MAX_TRACES = 100;

const traceIds = z
  .string()
  .regex(/^[0-9a-f]{1,32}(,[0-9a-f]{1,32})*$/i, 'trace ids are up to 32 hex digits, with commas between')
  .transform((list) => list.split(',').map((id) => id.toLowerCase().padStart(32, '0')))
  .pipe(z.array(z.string()).max(MAX_TRACES));

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  before: z.coerce.number().positive().optional(),
  callSid: z.string().min(1).max(100).optional(),
  traceId: traceIds.optional(),
});

/** What `/api/v1` needs. */
export type ApiOptions = {
  readonly store: Pick<TelemetryStore, 'listCalls' | 'findCall'>;
  /** On which OTLP over HTTP is received; known once that listens. */
  readonly receiverPort: () => number;
};

/** `/api/v1`: the calls, one call, where telemetry is sent to, and what this API is. The live stream has a file of its own. */
export function createApiRoutes({ store, receiverPort }: ApiOptions): Router {
  const router = Router();
  const description = generateOpenApi(MAX_LIMIT);
  router.get('/calls', (request, response) => {
    const query = listQuery.safeParse(request.query);
    if (!query.success) {
      const reasons = query.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      throw new ViewerError('bad_request', reasons.join('; '));
    }
    const { limit, before, callSid, traceId } = query.data;
    response.json(store.listCalls({ limit, beforeMs: before, callSid, traceIds: traceId }));
  });
  router.get('/calls/:callSid', (request, response) => {
    const call = store.findCall(request.params.callSid);
    if (!call) throw new ViewerError('not_found', `no call ${request.params.callSid} is known here`);
    response.json(call);
  });
  router.get('/receiver', (_request, response) => {
    const body: Receiver = { port: receiverPort() };
    response.json(body);
  });
  router.get('/openapi.json', (_request, response) => void response.json(description));
  return router;
}
