/** The body of `POST /records` as a client in good order sends it; `overrides` replaces top-level keys. */
export function makeNewRecord(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    callSid: 'CA00000000000000000000000000000001',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    language: 'fr' as const,
    name: 'Léa Martin 🐈',
    subject: 'vaccin du chat',
    wanted: { dateTime: '2026-11-24T14:30', words: 'mardi à quatorze heures trente' },
    place: 'cabinet de Lyon',
    callbackNumber: '0612345678',
    notes: null,
    fields: { name: 'confirmed', subject: 'given', wanted: 'given', place: 'given', callbackNumber: 'given' } as const,
    ...overrides,
  };
}
