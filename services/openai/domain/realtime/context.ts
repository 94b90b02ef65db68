import { ApiError } from '../api-error.ts';
import type { Fault } from '../faults.ts';
import { createToken } from '../random.ts';
import type { Standin } from '../standin.ts';
import type { Conversation } from './items.ts';
import type { SessionConfig } from './session-config.ts';

/** The other end of a session. */
export type Peer = {
  send(event: Readonly<Record<string, unknown>>): void;
  /** 1006 breaks the connection off without a word. */
  close(code: number, reason: string): void;
};

/** What the parts of one session share. */
export type SessionContext = {
  readonly standin: Standin;
  readonly conversation: Conversation;
  readonly config: () => SessionConfig;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
  emit(type: string, fields: Readonly<Record<string, unknown>>): void;
  /** `causeId` = `event_id` of the client's event, where it gave one. */
  emitError(error: unknown, causeId: string | null): void;
  createId(prefix: string): string;
  /** Ends the session as a fault wants it. */
  breakOff(fault: Fault): void;
};

/** Ties a session's parts to its peer; nothing is sent once `signal` is aborted. */
export function createContext(
  standin: Standin,
  peer: Peer,
  parts: Pick<SessionContext, 'config' | 'conversation' | 'signal'>,
): SessionContext {
  const createId = (prefix: string) => `${prefix}_${createToken(standin.random, 21)}`;
  const emit: SessionContext['emit'] = (type, fields) => {
    if (!parts.signal.aborted) peer.send({ type, event_id: createId('event'), ...fields });
  };
  return {
    ...parts,
    standin,
    createId,
    emit,
    emitError(error, causeId) {
      const { type, code, message, param } =
        error instanceof ApiError
          ? error.body
          : { type: 'server_error', code: null, message: `The stand-in failed: ${String(error)}`, param: null };
      emit('error', { error: { type, code, message, param, event_id: causeId } });
    },
    breakOff: (fault) => peer.close(fault.code, 'The server had an error while processing your request'),
  };
}

/** Waits until `atMs` after `startedAt`, both milliseconds of the stand-in's clock. Rejects when `signal` is aborted. */
export async function waitUntil(
  { clock }: Standin,
  startedAt: number,
  atMs: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const left = atMs - (clock.now() - startedAt);
  if (left > 0) await clock.delay(left, signal);
}
