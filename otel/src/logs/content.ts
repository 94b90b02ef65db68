import { type Context, logs, SeverityNumber } from '@opentelemetry/api';
import { callRefOf } from '../call/call-context.ts';
import { Attr, SCOPE_NAME } from '../conventions/index.ts';
import type { CaptureLevel } from '../sdk/config.ts';

/** Keeps what people said, as log records linked to the trace, never on spans; at capture `off` it keeps nothing. */
export type ContentRecorder = (eventName: string, text: string, context: Context) => void;

/** Makes the recorder for a capture level (`CALLSPAN_CAPTURE`). */
export function createContentRecorder(capture: CaptureLevel): ContentRecorder {
  if (capture !== 'full') return () => undefined;
  return (eventName, text, context) => {
    const ref = callRefOf(context);
    logs.getLogger(SCOPE_NAME).emit({
      context,
      eventName,
      severityNumber: SeverityNumber.INFO,
      severityText: 'info',
      body: text,
      attributes: {
        ...(ref ? { [Attr.conversationId]: ref.callSid } : {}),
        ...(ref?.turnIndex === undefined ? {} : { [Attr.turnIndex]: ref.turnIndex }),
      },
    });
  };
}
