const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Written with a capital without being a name: times, languages, titles, forms of I. In lower case. */
export const NO_NAMES = words(`
  lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday wednesday thursday friday saturday sunday
  janvier février mars avril mai juin juillet août septembre octobre novembre décembre
  january february march april may june july august september october november december
  noël pâques christmas easter
  français française francais anglais anglaise espagnol allemand italien french english spanish german italian
  i i'm i'd i'll i've ok okay tv am pm gmt sms
  monsieur madame mademoiselle messieurs mesdames m mme mlle mr mrs ms miss sir madam dr docteur doctor maître
  user assistant system now caller bot`);

/** Words that sentences begin with. In lower case. */
export const SENTENCE_STARTS = words(`
  oui non si bonjour bonsoir allô allo merci pardon excusez désolé bien très parfait entendu voilà volontiers alors donc
  euh ah oh eh bon ok okay super demain aujourd'hui hier après avant d'accord c'est j'ai j'aimerais j'habite je tu il elle on
  nous vous ils elles le la les un une des du de mon ma mes votre vos notre nos ce cette ces cet quel quelle quels quelles
  qui que quoi quand comment combien où pourquoi est et mais ou car pour par avec sans dans sur chez à au aux en y
  peut pouvez pourriez puis auriez avez êtes faut il'y souhaitez voulez sera serait plutôt aussi encore toujours jamais
  attendez rappelez appelez dites notez confirmez numéro nom prénom adresse téléphone
  yes no yeah yep nope hello hi hey thanks thank sorry please well so right great good perfect sure fine alright
  tomorrow today yesterday my your our his her their the a an this that these those it it's that's there he she we you they
  what what's when where who how why which is are am was were do does did can could would should will shall may might
  and but or because for from with without at in on to of let let's lets just maybe also still not never
  wait call tell note number name address phone street`);

/** Small words inside names and after introductions. */
export const PARTICLES = "de|du|des|la|le|les|d['’]|van|von|der|den|ben|bin|el|al|o['’]|mac|saint|sainte";

/** Words that end a name in running text. In lower case. */
export const NAME_ENDS =
  'et|je|j|pour|à|a|au|aux|mais|c|est|sur|dans|avec|qui|que|il|elle|on|nous|vous|and|i|but|for|from|with|at|in|on|to|the|is|it|so|who|that|my|we|you|calling|speaking|here|merci|thanks|please|bonjour|hello|euh|uh|um|demain|hier|ce|cet|cette|tomorrow|today|this|next|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday';

/** Numbers, and places in a row, as words: parts of an expression, French and English. */
export const NUMBER_WORDS =
  'z[ée]ro|une?|premi[eè]re?|deux|deuxi[eè]me|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|septante|huitante|octante|nonante|cents?|mille|oh|one|two|three|four|five|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth';

/** Months, short ones too: parts of an expression. */
export const MONTHS =
  '(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre|january|february|march|april|may|june|july|august|september|october|november|december|(?:janv?|f[ée]vr?|feb|mar|avr|apr|jun|juil|jul|aug|sept?|oct|nov|d[ée]c)\\.?)';

/** A whole answer in one word, written with a capital without being a name. In lower case; numbers apart. */
export const ANSWERS = words(`
  rien personne aucun aucune urgent urgente absolument exactement certainement évidemment effectivement peut-être
  probablement possiblement possible impossible normalement sûrement seulement justement vraiment totalement tellement
  enfin ensuite maintenant bientôt tard matin soir midi minuit après-midi vrai faux exact correct dommage génial impeccable
  compris noté ouais stop salut ciao bye hein hum hmm mhm
  nothing nobody none anything everything something someone anyone everyone nowhere anywhere goodbye certainly absolutely
  exactly definitely probably possibly perhaps indeed urgent emergency tonight morning afternoon evening noon midnight
  anytime whenever always sometimes later soon welcome understood agreed repeat help yup nah mm uh um hm true false wrong
  actually obviously basically honestly seriously really totally unfortunately hopefully both neither either`);

/** Between "it's" or "c'est" and "here" or "au téléphone" without being a name, all of them together. In lower case. */
export const NO_SPEAKER = words(`
  cold hot warm cool nice raining snowing dark quiet loud noisy windy wet dry busy crowded good bad great fine okay urgent
  out in over up down right just all still very so too really pretty quite not about only always
  my your his her our their the a first second third last next time day week call wife husband mother father friend
  me him us them nobody somebody someone
  moi toi lui elle eux nous ma mon mes sa première deuxième fois pas plus mieux très trop bien bruyant simple compliqué
  facile difficile possible impossible occupé femme mari mère père fils fille la le les une un toujours encore déjà mal`);
/** Of {@link NO_SPEAKER} those that say nothing unless more follows, and may be short names. */
export const NO_SPEAKER_ALONE = words('my a the la le les un une in so all just du');
