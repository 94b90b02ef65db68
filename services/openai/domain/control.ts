import { z } from 'zod';
import { createBadRequest } from './api-error.ts';
import { FAULT_ROUTES, type Fault, type FaultBoard, type FaultRoute, listFaults, listMatches } from './faults.ts';
import { type LatencySource, PROFILE_NAMES, type ProfileName } from './latency.ts';

const DEFAULT_SLOW_MS = 3_000;
const DEFAULT_RETRY_AFTER_MS = 1_000;

const listed = <const T extends readonly string[]>(names: T) =>
  z.enum(names, { error: (issue) => `must be one of ${names.join(', ')}, not ${JSON.stringify(issue.input)}` });

const CODES: Readonly<Record<string, readonly number[]>> = { refuse: [429, 401], close: [1_011, 1_006] };

const shape = {
  next: z.int().min(1).optional(),
  latencyMs: z.number().min(0).optional(),
  retryAfterMs: z.number().min(0).optional(),
};

/** What `value` may hold beside the route depends on the route and the fault. */
function createFaultSchema(route: FaultRoute, fault: unknown) {
  const matches = listMatches(route);
  const owners = FAULT_ROUTES.filter((name) => listMatches(name).length > 0).join(', ');
  const codes = typeof fault === 'string' && Object.hasOwn(CODES, fault) ? CODES[fault] : undefined;
  return z.strictObject({
    ...shape,
    route: z.literal(route),
    fault: listed([...listFaults(route), 'off']),
    match: matches.length > 0 ? listed(matches).optional() : z.undefined(`belongs to routes ${owners} only`).optional(),
    code: codes
      ? z.literal(codes, `must be one of ${codes.join(', ')}`).optional()
      : z.undefined('belongs to refuse and close only').optional(),
  });
}

const routeSchema = z.looseObject({ route: listed(FAULT_ROUTES), fault: z.unknown() });

const profileSchema = z.strictObject({ profile: listed(PROFILE_NAMES) });

/** What is on. */
export type ControlState = { readonly profile: ProfileName; readonly faults: readonly Fault[] };

/** Reads the switches. */
export function readControl(faults: FaultBoard, latencies: LatencySource): ControlState {
  return { profile: latencies.profile(), faults: faults.list() };
}

function parseOrder(value: unknown) {
  if (value !== null && typeof value === 'object' && 'profile' in value) return profileSchema.safeParse(value);
  const found = routeSchema.safeParse(value);
  return found.success ? createFaultSchema(found.data.route, found.data.fault).safeParse(value) : found;
}

/** Turns one switch: `{profile}`, or `{route, fault, next?, latencyMs?, retryAfterMs?, match?, code?}`. @throws ApiError 400 naming the allowed values. */
export function applyControl(value: unknown, faults: FaultBoard, latencies: LatencySource): ControlState {
  const parsed = parseOrder(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const param = issue?.path.join('.') || null;
    throw createBadRequest(`${param ?? 'body'}: ${issue?.message ?? 'not allowed'}`, param, 'invalid_value');
  }
  const order = parsed.data;
  if ('profile' in order) latencies.setProfile(order.profile);
  else if (order.fault === 'off') faults.clear(order.route, order.match ?? null);
  else
    faults.set({
      route: order.route,
      fault: order.fault,
      match: order.match ?? null,
      latencyMs: order.latencyMs ?? DEFAULT_SLOW_MS,
      retryAfterMs: order.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS,
      code: order.code ?? CODES[order.fault]?.[0] ?? 0,
      remaining: order.next ?? null,
    });
  return readControl(faults, latencies);
}
