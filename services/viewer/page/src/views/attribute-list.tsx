import type { Attributes } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { sayAttribute } from '../words/say-attribute.ts';

/** Attributes with what they mean, in order of their keys. */
export function AttributeList({ attributes }: { readonly attributes: Attributes }) {
  const words = useWords();
  const keys = Object.keys(attributes).sort();
  return (
    <div className="panel-attributes">
      <h3>{words.panel.attributes}</h3>
      <dl className="attributes">
        {keys.map((key) => (
          <div key={key}>
            <dt title={key}>
              {words.attributeMeanings[key] ?? ''}
              <code>{key}</code>
            </dt>
            <dd>{sayAttribute(words, key, attributes[key] ?? null)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
