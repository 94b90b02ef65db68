const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** Texts of the list that shows some calls only, in English. */
export const filterEn = {
  title: 'Which calls',
  step: (name: string) => `the step “${name}”`,
  anyStep: 'a step',
  over: (step: string, figure: string) => `Calls in which ${step} took over ${figure}`,
  failed: (step: string) => `Calls in which ${step} failed`,
  having: (step: string) => `Calls that have ${step}`,
  all: 'Calls',
  matching: 'Calls with a step that this query matches',
  ofProvider: (provider: string) => `, of ${provider}`,
  inService: (service: string) => `, in ${service}`,
  since: 'since',
  until: 'until',
  column: 'Matching step',
  worstOf: (count: number, isAtLeast: boolean) => `worst of ${isAtLeast ? 'more than ' : ''}${count}`,
  found: (count: number) => `${plural(count, 'call', 'calls')}${count === 1 ? '.' : ', the worst first.'}`,
  foundAll: (count: number) => `${plural(count, 'call', 'calls')}.`,
  cut: 'Only the newest matches were looked at: a shorter window shows the others.',
  strays: (count: number) => `${plural(count, 'match belongs', 'matches belong')} to no call.`,
  none: 'No call has such a step.',
  noCall: 'No call took place in this window.',
  noneInWindow: 'No call in this window has such a step.',
  noneHelp: 'A step is found once it has ended and as long as its call is kept; a live call may still be in it.',
  loading: 'Looking for the calls …',
};
