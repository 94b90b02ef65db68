/** Whatever has the form of what a rule puts in the place of something: `<phone:9f86d081884c7d65>`, `<email>`. */
export const ANY_PLACEHOLDER = '<\\w+(?::[0-9a-f]{16})?>';

/** The words that rules put there; other words in angle brackets may be those of HTML. */
export const PLACEHOLDER =
  '<(?:name|address|phone|email|birth|number|iban|card|ip|sip|secret|content|query|quoted|masked|invalid|cut)(?::[0-9a-f]{16})?>';
