import { z } from 'zod';
import { createBadRequest } from './api-error.ts';
import { CHAT_MATCHES, FAULT_NAMES, FAULT_ROUTES, type Fault, type FaultBoard } from './faults.ts';
import { type LatencySource, PROFILE_NAMES, type ProfileName } from './latency.ts';

const DEFAULT_SLOW_MS = 3_000;
const DEFAULT_RETRY_AFTER_MS = 1_000;

const listed = <const T extends readonly string[]>(names: T) =>
  z.enum(names, { error: (issue) => `must be one of ${names.join(', ')}, not ${JSON.stringify(issue.input)}` });

const faultSchema = z
  .strictObject({
    route: listed(FAULT_ROUTES),
    fault: listed([...FAULT_NAMES, 'off']),
    next: z.int().min(1).optional(),
    latencyMs: z.number().min(0).optional(),
    retryAfterMs: z.number().min(0).optional(),
    match: listed(CHAT_MATCHES).optional(),
  })
  .refine(({ route, match }) => match === undefined || route === 'chat', {
    path: ['match'],
    message: 'belongs to route chat only',
  });

const profileSchema = z.strictObject({ profile: listed(PROFILE_NAMES) });

/** What is on. */
export type ControlState = { readonly profile: ProfileName; readonly faults: readonly Fault[] };

/** Reads the switches. */
export function readControl(faults: FaultBoard, latencies: LatencySource): ControlState {
  return { profile: latencies.profile(), faults: faults.list() };
}

/** Turns one switch: `{profile}`, or `{route, fault, next?, latencyMs?, retryAfterMs?, match?}`. @throws ApiError 400 naming the allowed values. */
export function applyControl(value: unknown, faults: FaultBoard, latencies: LatencySource): ControlState {
  const isProfile = value !== null && typeof value === 'object' && 'profile' in value;
  const parsed = isProfile ? profileSchema.safeParse(value) : faultSchema.safeParse(value);
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
      remaining: order.next ?? null,
    });
  return readControl(faults, latencies);
}
