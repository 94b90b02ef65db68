import type { EventEmitter } from 'node:events';
import {
  type Callspan,
  type CallTrace,
  createCallspan,
  type MediaTap,
  type MediaTapOptions,
  tapMediaStream,
} from '../../otel/src/index.ts';
import { mediaText, openPhone, type Phone } from './media-phone.ts';
import { createAudio } from './media-stage.ts';
import { type MetricRecorder, startMetricRecorder } from './recorded-metrics.ts';
import { type SpanRecorder, startSpanRecorder } from './recorded-spans.ts';

const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };

/** A call on a real socket with a tap on it, and everything that comes of it. */
export type TappedCall = {
  readonly recorder: SpanRecorder;
  readonly meters: MetricRecorder;
  readonly phone: Phone;
  readonly callspan: Callspan;
  readonly call: CallTrace;
  readonly tap: MediaTap;
  /** What the bot's own listener got. */
  readonly heard: readonly string[];
  /** The names of the marks among it. */
  marksHeard(): string[];
  /** The caller speaks from 200 to 1200 ms of media time; the bot answers at 1600 ms; resolves when that has arrived. */
  answerCaller(audio?: Buffer): Promise<void>;
  /** Of five seconds of an answer, the caller hears more than one, speaks into it, and the bot clears the line. */
  interruptAnswer(): Promise<void>;
  close(): Promise<void>;
};

/** @param Server of the bot, when it is not that of the current ws */
export async function openTappedCall(
  options?: MediaTapOptions,
  Server?: Parameters<typeof openPhone>[0],
): Promise<TappedCall> {
  const recorder = startSpanRecorder();
  const meters = startMetricRecorder();
  const phone = await openPhone(Server);
  const callspan = createCallspan({ tracer: recorder.tracer, meter: meters.meter });
  const call = callspan.startCall(INFO);
  const heard: string[] = [];
  const bot: EventEmitter = phone.bot;
  bot.on('message', (data) => heard.push(String(data)));
  const tap = tapMediaStream(callspan, call, phone.bot, options);
  const answerCaller = async (audio = createAudio(1000)) => {
    phone.hear(200, false);
    phone.hear(1000, true);
    phone.hear(400, false);
    await phone.settle();
    call.startTurn(1).committed();
    phone.bot.send(mediaText(audio));
    await phone.gotAudio(audio.length);
  };
  return {
    recorder,
    meters,
    phone,
    callspan,
    call,
    tap,
    heard,
    marksHeard: () =>
      heard.flatMap((text) => {
        const { mark } = JSON.parse(text) as { mark?: { name: string } };
        return mark ? [mark.name] : [];
      }),
    answerCaller,
    async interruptAnswer() {
      await answerCaller(createAudio(5000));
      phone.hear(100, false);
      phone.mark('callspan:1');
      phone.hear(1000, false);
      phone.hear(100, true);
      await phone.settle();
      phone.bot.send(JSON.stringify({ event: 'clear', streamSid: 'MZ1' }));
      await phone.got(5);
    },
    async close() {
      call.end({ reason: 'caller_hangup', outcome: 'saved' });
      await phone.close();
      await meters.close();
      await recorder.close();
    },
  };
}
