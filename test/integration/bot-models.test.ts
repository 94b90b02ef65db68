import { createExtractor } from '../../services/bot/adapters/openai/extractor.ts';
import { createReplyModel } from '../../services/bot/adapters/openai/reply-model.ts';
import { systemPrompt } from '../helpers/openai-conversations.ts';
import { type Harness, openHarness } from '../helpers/openai-standin.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.standin.close());

test.each(['gpt-6-luna', 'gpt-4o-mini', 'gpt-4.1'])('%s replies and extracts', async (model) => {
  const request = {
    turn: { callSid: 'CA1', turnIndex: 1 },
    messages: [
      { role: 'system', content: systemPrompt('en') },
      { role: 'user', content: 'Hello, my name is John Smith.' },
    ],
    signal: new AbortController().signal,
  } as const;
  const kinds = new Set<string>();
  for await (const part of createReplyModel(harness.client, model).reply(request)) kinds.add(part.kind);
  expect([...kinds]).toEqual(['text']);
  expect(await createExtractor(harness.client, model).extract(request)).toMatchObject({ name: 'John Smith' });
});
