import { Attr } from 'callspan/conventions';
import type { Attributes } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { lookUp } from '../model/look-up.ts';
import { sayAttribute } from '../words/say-attribute.ts';

/** What every span of a call carries comes last: it tells nothing about this one. */
const ON_EVERY_SPAN: readonly string[] = [Attr.conversationId, Attr.turnIndex, Attr.stage];

/** Attributes with what they mean, in order of their keys. */
export function AttributeList({ attributes }: { readonly attributes: Attributes }) {
  const words = useWords();
  const keys = Object.keys(attributes).sort(
    (a, b) => Number(ON_EVERY_SPAN.includes(a)) - Number(ON_EVERY_SPAN.includes(b)) || a.localeCompare(b),
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must be scrolled with the keyboard too
    <section className="panel-part" tabIndex={0} aria-label={words.panel.attributes}>
      <h3>{words.panel.attributes}</h3>
      <dl className="attributes">
        {keys.map((key) => (
          <div key={key}>
            <dt title={key}>
              {lookUp(words.attributeMeanings, key) ?? ''}
              <code>{key}</code>
            </dt>
            <dd dir="auto">{sayAttribute(words, key, attributes[key] ?? null)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
