/** Ids of the UUID kind; runs that may be ids of another kind (Twilio's SIDs, hashes, tokens); numbers, with their plus. */
const IDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-z]{20,}|(?:\+|%2b)?\d{5,}/gi;

/**
 * The route of a request whose framework tells none: its path with `{id}` for whatever in it names one call, caller or
 * record, so that a name or label made of it has few values. Replaced are Twilio's SIDs, UUIDs, numbers of five digits or
 * more and runs of 20 letters and digits or more that have a digit. Takes time in proportion to the length of the path,
 * which a stranger chooses.
 * @param path of a request as it came, a query is left off; `/voice/CA0f…` becomes `/voice/{id}`
 */
export function routeOf(path: string): string {
  const [route = ''] = path.split('?', 1);
  return route.replace(IDS, (found) => (isWord(found) ? found : '{id}')) || '/';
}

/** A long word without a digit is a name that somebody gave, unless it is a SID that happens to have none. */
function isWord(found: string): boolean {
  return /^[a-z]+$/i.test(found) && !/^[a-z]{2}[0-9a-f]{32}$/i.test(found);
}
