import { startCaller } from '../../services/caller/start.ts';

/** The account of the simulated line in tests. */
export const ACCOUNT = { accountSid: `AC${'0123456789abcdef'.repeat(2)}`, authToken: 'token-of-a-test' } as const;

/** A simulated Twilio on a free port, without viewer and records. `speed`: how much faster than the wall. */
export async function startTestCaller(
  options: { speed?: number; webhookUrl?: string; viewerUrl?: string; recordsUrl?: string } = {},
) {
  const nowhere = 'http://127.0.0.1:9';
  const caller = await startCaller({
    port: 0,
    ...ACCOUNT,
    speed: options.speed ?? 10,
    webhookUrl: options.webhookUrl ?? `${nowhere}/voice`,
    statusCallbackUrl: `${nowhere}/status`,
    viewerUrl: options.viewerUrl ?? nowhere,
    recordsUrl: options.recordsUrl ?? nowhere,
    publicBaseUrl: undefined,
    callsPerMinute: 0,
  });
  const post = (body: object) =>
    fetch(`${caller.url}/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return { ...caller, post, call: async (body: object) => (await post({ ...body, wait: true })).json() };
}
