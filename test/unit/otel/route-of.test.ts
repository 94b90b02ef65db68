import { routeOf } from '../../../otel/src/route-of.ts';

const SID = `CA${'0f'.repeat(16)}`;

test.each([
  [`/voice/${SID}`, '/voice/{id}'],
  [`/calls/${SID}/streams/MZ${'ab12'.repeat(8)}.xml`, '/calls/{id}/streams/{id}.xml'],
  [`/voice/${SID.toLowerCase()}`, '/voice/{id}'],
  [`/voice/CA${'ef'.repeat(16)}`, '/voice/{id}'],
  ['/tenants/550e8400-e29b-41d4-a716-446655440000/voice', '/tenants/{id}/voice'],
  ['/callers/+33199001234', '/callers/{id}'],
  ['/callers/%2B33199001234/menu', '/callers/{id}/menu'],
  ['/orders/order-12345', '/orders/order-{id}'],
  [`/hooks/${'aB3'.repeat(8)}`, '/hooks/{id}'],
])('the id in the path %s is no part of its route', (path, route) => {
  expect(routeOf(path)).toBe(route);
});

test.each([
  '/',
  '/voice',
  '/2010-04-01/v2/voice',
  '/incoming-call-from-the-hospitality-desk',
  '/incomingcallfromthehospitalitydesk',
  '/caf%C3%A9',
])('the path %s has no id and is its own route', (path) => {
  expect(routeOf(path)).toBe(path);
});

test('a query is no part of a route, and a path that is empty is the root', () => {
  expect(routeOf(`/voice?CallSid=${SID}`)).toBe('/voice');
  expect(routeOf('?CallSid=1')).toBe('/');
  expect(routeOf('')).toBe('/');
});
