/** An id short enough for a row and still recognisable: `CA1f02…9c3d`. Ids of up to 11 characters stay whole. */
export function shortenId(id: string): string {
  return id.length <= 11 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`;
}

/** A CallSid that was typed, in the case in which Twilio writes it. */
export function normaliseCallSid(text: string): string {
  return `CA${text.trim().slice(2).toLowerCase()}`;
}

/** Whether a text is a whole CallSid as Twilio writes it (https://www.twilio.com/docs/glossary/what-is-a-sid). */
export function isCallSid(text: string): boolean {
  return /^CA[0-9a-f]{32}$/i.test(text.trim());
}
