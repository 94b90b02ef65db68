import type { Context } from '@opentelemetry/api';
import type { Notices } from './notices.ts';

/** What was seen of one call. */
export type CallSightings = {
  /** Its webhook came to this process. */
  readonly webhook: boolean;
  /** Audio of the caller, and of the bot. */
  readonly caller: boolean;
  readonly bot: boolean;
  /** Model calls. */
  readonly models: number;
};

/** Keeps what the process could see of calls, and says in the log what it could not. */
export type Sightings = {
  /** A module was loaded that is watched. */
  module(name: string): void;
  /** A module was loaded that cannot be watched. */
  blind(name: string, why: string): void;
  webhook(callSid: string): void;
  /** The media stream of a call is here: however long the call is, it is not missed. */
  streamStarted(callSid: string): void;
  /** Of a call whose webhook did not come to this process that is said; at the end of the first one, what is missing in it. */
  callEnded(seen: CallSightings, context: Context): void;
  /** There is nothing more to be said. */
  silence(): void;
  /** The process ends. */
  close(): void;
};

/** A webhook's stream is there within seconds. */
const STREAM_WAIT_MS = 30_000;

/** Watches what was seen of each call, and says once what was not. */
export function createSightings({ notice }: Notices): Sightings {
  const modules = new Set<string>();
  const waiting = new Map<string, NodeJS.Timeout>();
  const streamed = new Set<string>();
  let isFirstCall = true;
  let hasToldOfStreams = false;
  const noStream = () => {
    if (hasToldOfStreams || !isFirstCall) return;
    hasToldOfStreams = true;
    notice(
      modules.has('ws')
        ? 'a call was answered here, but no media stream of it was seen: it went to another process, or never started'
        : 'a call was answered here, but no media stream of it was seen: streams are seen on sockets of the ws package, and none was loaded (one that is bundled into the app cannot be seen)',
    );
  };
  const arrived = () => {
    for (const timer of waiting.values()) clearTimeout(timer);
    waiting.clear();
    streamed.clear();
  };
  return {
    module: (name) => void modules.add(name),
    blind: (name, why) => notice(`${name} was loaded: ${why}`),
    webhook(callSid) {
      if (hasToldOfStreams || !isFirstCall || waiting.has(callSid) || waiting.size > 100) return;
      // Twilio asks again while a call goes on: for its status, or for what to do next.
      if (!streamed.has(callSid)) waiting.set(callSid, setTimeout(noStream, STREAM_WAIT_MS).unref());
    },
    streamStarted(callSid) {
      clearTimeout(waiting.get(callSid));
      waiting.delete(callSid);
      if (isFirstCall) streamed.add(callSid);
    },
    callEnded(seen, context) {
      arrived();
      if (!seen.webhook) notice('no webhook was seen for this call: its trace begins with its media stream', context);
      if (!isFirstCall) return;
      isFirstCall = false;
      for (const text of missing(seen, modules)) notice(text, context);
    },
    silence() {
      isFirstCall = false;
      arrived();
    },
    close() {
      if (waiting.size > 0) noStream();
      arrived();
    },
  };
}

function missing(seen: CallSightings, modules: ReadonlySet<string>): string[] {
  const texts: string[] = [];
  if (!seen.caller) texts.push('no audio of the caller came: there are no turns and no waits');
  if (!seen.bot) texts.push('no audio of the bot was sent as text messages of the stream: there are no waits');
  if (seen.models === 0) {
    const why = modules.has('openai') ? '' : ', and no openai package was loaded';
    texts.push(`no model call was seen: neither a request to an OpenAI-compatible path nor a Realtime socket${why}`);
  }
  if (seen.caller && seen.bot) {
    texts.push('turns are inferred from what was heard and sent: the bot told of none');
  }
  return texts;
}
