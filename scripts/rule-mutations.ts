import type { AlertRule, RecordingRule, Rule, RuleGroup } from '../thresholds/generate/rules/rule-file.ts';

/** One small change of one rule of a group. */
export type Mutation = {
  /** The rule. */
  readonly name: string;
  /** What is changed into what. */
  readonly what: string;
  readonly apply: (group: RuleGroup) => RuleGroup;
};

type Swap = readonly [found: RegExp, to: (match: RegExpMatchArray) => readonly string[]];

const OTHER_COMPARISON: Readonly<Record<string, string>> = { '>': '<', '>=': '<', '==': '!=', '<': '>' };

/** Changes of an expression: the limit, the comparison, the label, the window. */
const SWAPS: readonly Swap[] = [
  // A figure that something is compared with. What is above 0 cannot be compared with less.
  [
    /(?<=(?:>|>=|<|==) )(\d+(?:\.\d+)?)(?![\w.])/g,
    ([figure = '']) => (Number(figure) === 0 ? ['3'] : [String(Number(figure) * 1.2), String(Number(figure) * 0.8)]),
  ],
  [/(?<= )(>=|>|==|<)(?= (?:bool )?\d)/g, ([comparison = '']) => [OTHER_COMPARISON[comparison] ?? comparison]],
  // A bound of the histogram.
  [/(?<=le=~")(\d+)/g, ([bound = '']) => [String(Number(bound) * 2)]],
  // The value of a label.
  [
    /(?<=(?:voice_stage|span_name|limit|level|service_name|gen_ai_provider_name|objective)=")([^"]+)/g,
    ([value = '']) => [`${value}x`],
  ],
  // A label that is kept.
  [/(?<=by \()([a-z_]+)(?=[,)])/g, ([label = '']) => [`${label}x`]],
  [
    /(?<=\[)(\d+)(?=[smh]\])/g,
    ([count = '']) => [String(Number(count) * 2), String(Math.max(1, Math.round(Number(count) / 2)))],
  ],
];

/** Every change that a group can have, in order. */
export function listMutations(group: RuleGroup): readonly Mutation[] {
  return group.rules.flatMap((rule, index) => {
    const name =
      'alert' in rule
        ? `${rule.alert} ${JSON.stringify(rule.labels)}`
        : `${rule.record} ${JSON.stringify(rule.labels ?? {})}`;
    const changes = [...changesOfExpr(rule), ...('alert' in rule ? changesOfAlert(rule) : changesOfRecord(rule))];
    return changes.map(({ what, to }) => ({
      name,
      what,
      apply: (one: RuleGroup) => ({ ...one, rules: one.rules.map((other, at) => (at === index ? to : other)) }),
    }));
  });
}

type Change = { readonly what: string; readonly to: Rule };

function changesOfExpr(rule: Rule): readonly Change[] {
  return SWAPS.flatMap(([found, to]) => {
    // The same text several times is one thing said several times: changed together.
    const texts = new Map([...rule.expr.matchAll(found)].map((match) => [`${match[0]}`, match]));
    return [...texts.values()].flatMap((match) =>
      to(match).map((text) => ({
        what: `${match[0]} -> ${text}`,
        to: { ...rule, expr: rule.expr.replace(found, (one) => (one === match[0] ? text : one)) },
      })),
    );
  });
}

function changesOfAlert(rule: AlertRule): readonly Change[] {
  const severity = rule.labels.severity === 'warning' ? 'critical' : 'warning';
  return [
    { what: `severity -> ${severity}`, to: { ...rule, labels: { ...rule.labels, severity } } },
    ...(['for', 'keep_firing_for'] as const).flatMap((key) => {
      const value = rule[key];
      if (value === undefined) return [];
      const longer = value.replace(/\d+/, (count) => String(Number(count) * 2));
      const { [key]: _, ...without } = rule;
      return [
        { what: `${key} ${value} -> ${longer}`, to: { ...rule, [key]: longer } },
        { what: `${key} ${value} -> nothing`, to: without },
      ];
    }),
  ];
}

function changesOfRecord(rule: RecordingRule): readonly Change[] {
  return Object.entries(rule.labels ?? {}).map(([label, value]) => ({
    what: `${label} ${value} -> ${value}x`,
    to: { ...rule, labels: { ...rule.labels, [label]: `${value}x` } },
  }));
}
