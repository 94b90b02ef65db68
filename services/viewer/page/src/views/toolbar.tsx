import { useWords } from '../data/page-context.ts';
import type { Command } from '../model/keyboard.ts';
import type { ViewState } from '../model/view-state.ts';

type ToolbarProps = { readonly view: ViewState; readonly onCommand: (command: Command) => void };

/** What can be switched in the waterfall, each with its key. */
export function Toolbar({ view, onCommand }: ToolbarProps) {
  const { call } = useWords();
  const switches = [
    { command: 'zoom', key: 'z', isOn: view.zoomed, text: call.zoom },
    { command: 'logs', key: 'l', isOn: view.logs, text: call.logs },
    { command: 'raw', key: 'r', isOn: view.raw, text: call.raw },
  ] as const;
  return (
    <div className="toolbar">
      {switches.map(({ command, key, isOn, text }) => (
        <button key={command} type="button" aria-pressed={isOn} onClick={() => onCommand(command)}>
          {text} <kbd>{key}</kbd>
        </button>
      ))}
    </div>
  );
}
