/** An event longer than this is passed over: nothing that is read from a model's answer is that long. */
const MAX_EVENT_LENGTH = 1_048_576;

/**
 * Reads the `data` of server-sent events out of bytes that arrive in any pieces (WHATWG HTML, section 9.2: lines end
 * with LF, CR or CRLF, an event ends at an empty line, its data lines are joined by LF).
 */
export function createEventReader(onData: (data: string) => void): { push(bytes: Uint8Array): void; end(): void } {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let length = 0;
  const finish = () => {
    if (data.length > 0 && length <= MAX_EVENT_LENGTH) onData(data.join('\n'));
    data = [];
    length = 0;
  };
  const readLine = (line: string) => {
    if (line === '') return finish();
    if (!line.startsWith('data:')) return;
    length += line.length;
    if (length <= MAX_EVENT_LENGTH) data.push(line.startsWith('data: ') ? line.slice(6) : line.slice(5));
  };
  return {
    push(bytes) {
      const text = rest + decoder.decode(bytes, { stream: true });
      // A CR at the end may be the first half of a CRLF.
      const complete = text.endsWith('\r') ? text.length - 1 : text.length;
      const lines = linesOf(text.slice(0, complete));
      rest = (lines.pop() ?? '') + text.slice(complete);
      if (rest.length > MAX_EVENT_LENGTH) {
        length = Number.POSITIVE_INFINITY;
        rest = 'data:';
      }
      for (const line of lines) readLine(line);
    },
    end() {
      for (const line of rest.split('\r')) readLine(line);
      finish();
    },
  };
}

/** Servers that end lines with LF alone are the rule. */
function linesOf(text: string): string[] {
  return text.includes('\r') ? text.split(/\r\n|\n|\r/) : text.split('\n');
}
