import type { KitTools } from './call.ts';

/** Told right before a kit starts a call; `tools` say which kit. Must not throw. */
export type CallStartListener = (tools: KitTools, callSid: string) => void;

const listeners = new Set<CallStartListener>();

/** Lets `listener` know of every call that any kit of this process starts. */
export function onCallStart(listener: CallStartListener): void {
  listeners.add(listener);
}

/** A kit is about to start a call. */
export function tellCallStart(tools: KitTools, callSid: string): void {
  for (const listener of listeners) listener(tools, callSid);
}
