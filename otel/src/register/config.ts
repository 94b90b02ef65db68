import { isTelemetryDisabled } from '../sdk/config.ts';

/** What the register reads from the environment, beside what the SDK reads. */
export type RegisterConfig = {
  /** `OTEL_SDK_DISABLED=true`: the bot runs as if nothing were here. */
  readonly disabled: boolean;
  /** Media milliseconds per millisecond, `CALLSPAN_SPEED`: the simulated line may run faster than a telephone's 1. */
  readonly mediaRate: number;
};

/** @throws Error naming the variable, its value and the expected form */
export function readRegisterConfig(env: NodeJS.ProcessEnv = process.env): RegisterConfig {
  const mediaRate = Number(env.CALLSPAN_SPEED || 1);
  if (!(Number.isFinite(mediaRate) && mediaRate > 0)) {
    throw new Error(`CALLSPAN_SPEED is "${env.CALLSPAN_SPEED}"; expected a number above 0`);
  }
  return { disabled: isTelemetryDisabled(env), mediaRate };
}
