import { isStackFrame } from '../error-type.ts';

/**
 * What an error quotes is what somebody said or sent: `"Jean Dupont" is not valid JSON`, `Key (name)=(Jean)`. The frames
 * of a stack quote nothing; between them may be another error's message, that of a cause.
 */
export function withoutQuoted(message: string): string {
  if (!message.includes('\n')) return wordsWithoutQuoted(message);
  const parts: string[] = [];
  let words: string[] = [];
  const flush = () => {
    if (words.length > 0) parts.push(wordsWithoutQuoted(words.join('\n')));
    words = [];
  };
  for (const line of message.split('\n')) {
    if (!isStackFrame(line)) words.push(line);
    else {
      flush();
      parts.push(line);
    }
  }
  flush();
  return parts.join('\n');
}

function wordsWithoutQuoted(words: string): string {
  return words
    .replace(/"[^"]*"|“[^”]*”|«[^»]*»|`[^`]*`/g, '<quoted>')
    .replace(/(?<![\p{L}\p{N}])'.{0,500}?'(?![\p{L}\p{N}])/gsu, '<quoted>')
    .replace(/=\([^)]*\)/g, '=(<quoted>)');
}
