/** What a key asks for in either view. */
export type Command = 'down' | 'up' | 'open' | 'close' | 'raw' | 'logs' | 'zoom' | 'search' | 'help' | 'back';

/** The parts of a key press that decide, and what had the focus. */
export type KeyPress = {
  readonly key: string;
  readonly hasModifier: boolean;
  /** `text`: a field is being typed into; `control`: a button or link, which has its own use for Enter; `scroller`: arrows scroll it. */
  readonly focus: 'text' | 'control' | 'scroller' | 'other';
};

const COMMANDS: Readonly<Record<string, Command>> = {
  j: 'down',
  ArrowDown: 'down',
  k: 'up',
  ArrowUp: 'up',
  Enter: 'open',
  ArrowRight: 'open',
  ArrowLeft: 'close',
  r: 'raw',
  l: 'logs',
  z: 'zoom',
  '/': 'search',
  '?': 'help',
  Escape: 'back',
};

/** The command of a key press, null for one that is the browser's or the field's own. */
export function findCommand(press: KeyPress): Command | null {
  const command = COMMANDS[press.key] ?? null;
  if (press.hasModifier) return null;
  if (press.focus === 'text') return command === 'back' ? command : null;
  if (press.focus === 'control' && press.key === 'Enter') return null;
  if (press.focus === 'scroller' && press.key.startsWith('Arrow')) return null;
  return command;
}
