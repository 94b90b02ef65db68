import { RETRIEVAL_BUDGET_MS, withDeadline } from './deadline.ts';
import type { ConversationDeps } from './deps.ts';
import { isCancelled } from './errors.ts';
import type { CallListener, Language, Passage, TurnRef } from './ports.ts';
import { findBusinessQuestion } from './question.ts';

/** The caller's words and where they were said. */
export type Asked = {
  readonly deps: ConversationDeps;
  readonly listener: CallListener;
  readonly turn: TurnRef;
  readonly language: Language;
  readonly text: string;
  readonly signal: AbortSignal;
};

/** What is known about the caller's question. Empty when they asked nothing, and when the search failed or took too long. */
export async function retrievePassages(asked: Asked): Promise<readonly Passage[]> {
  const { deps, listener, turn, language, text } = asked;
  const { retriever, clock } = deps;
  const question = retriever ? findBusinessQuestion(text, language) : null;
  if (!retriever || question === null) return [];
  try {
    return await withDeadline((signal) => retriever.retrieve({ turn, question, language, signal }), {
      clock,
      budgetMs: RETRIEVAL_BUDGET_MS,
      signal: asked.signal,
    });
  } catch (error) {
    if (!isCancelled(error)) listener.providerFailed(turn.turnIndex, 'retrieval', error);
    return [];
  }
}
