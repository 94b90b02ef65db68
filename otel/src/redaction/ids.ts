/** What an id, a model's name or a code looks like. */
const ID_SHAPE = /^[\w.:/@-]{1,128}$/;
/** Twilio's ids, W3C ids, UUIDs: hexadecimal, however many digits stand in a row in them. */
const HEX_ID =
  /^[A-Z]{2}[0-9a-f]{32}$|^(?=.*[a-f].*[a-f])[0-9a-f]{16,64}$|^(?:\w{1,12}[-_])?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/;

/**
 * An id that a provider, a model or a caller wrote: itself when it has the shape of one and holds nothing personal, else
 * `<invalid>`.
 * @param redact free text without personal data (see `redactText`)
 */
export function checkedId(value: string, redact: (text: string) => string): string {
  if (HEX_ID.test(value)) return value;
  return ID_SHAPE.test(value) && redact(value) === value ? value : '<invalid>';
}

/** The same of a label of a metric, which may be empty, or a route with braces and stars. */
export function checkedLabel(value: string, redact: (text: string) => string): string {
  const isId = value === '' || checkedId(value.replace(/[{}*()[\]]/g, '_'), redact) !== '<invalid>';
  return isId && redact(value) === value ? value : '<invalid>';
}
