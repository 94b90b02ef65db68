import type { Words } from './words.ts';

const plural = (count: number, one: string, many: string) => `${count} ${count < 2 ? one : many}`;

/** Texts of the list that shows some calls only, in French. */
export const filterFr: Words['filter'] = {
  title: 'Quels appels',
  step: (name) => `l’étape «\u00a0${name}\u00a0»`,
  anyStep: 'une étape',
  over: (step, figure) => `Appels où ${step} a duré plus de ${figure}`,
  failed: (step) => `Appels où ${step} a échoué`,
  having: (step) => `Appels ayant ${step}`,
  all: 'Appels',
  matching: 'Appels dont une étape correspond à cette requête',
  ofProvider: (provider) => `, chez ${provider}`,
  inService: (service) => `, dans ${service}`,
  worst: (figure, isMore) => `${isMore ? ', et' : ''} dont la pire attente a dépassé ${figure}`,
  noWait: 'Aucun appel demandé n’a une telle attente.',
  since: 'depuis',
  until: 'jusqu’à',
  column: 'Étape trouvée',
  worstOf: (count, isAtLeast) => `la pire sur ${isAtLeast ? 'plus de ' : ''}${count}`,
  found: (count) => `${plural(count, 'appel', 'appels')}${count < 2 ? '.' : ', le pire d’abord.'}`,
  foundAll: (count) => `${plural(count, 'appel', 'appels')}.`,
  cut: 'Seules les correspondances les plus récentes ont été examinées : une fenêtre plus courte montre les autres.',
  strays: (count) => `${plural(count, 'correspondance n’est', 'correspondances ne sont')} d’aucun appel.`,
  none: 'Aucun appel n’a une telle étape.',
  noCall: 'Aucun appel n’a eu lieu dans cette fenêtre.',
  noneInWindow: 'Aucun appel dans cette fenêtre n’a une telle étape.',
  noneHelp:
    'Une étape est trouvée une fois terminée et tant que son appel est conservé ; un appel en cours peut encore y être.',
  loading: 'Recherche des appels …',
};
