import { describe, expect, it } from 'vitest';
import { answerChecker } from './answer-schemas.js';
import { BASE, useCheckedScim } from './checked-scim.js';
import type { Exchange } from './exchange.js';

const { scim, sim, user } = useCheckedScim();

const answered = async (method: string, url: string, status: number, body: object, headers = {}) => {
  const check = await answerChecker(`${sim().url}${BASE}`, sim().scimToken);
  const type = { 'content-type': 'application/scim+json' };
  const exchange: Exchange = { method, url, status, headers: { ...type, ...headers }, text: JSON.stringify(body) };
  return check(exchange).join('\n');
};

describe('the check of every SCIM answer', () => {
  it('finds nothing in what the simulator answers', async () => {
    const { body } = await scim('GET', '/Users');
    expect(await answered('GET', '/Users', 200, body)).toBe('');
  });

  it.each<[string, (before: object) => object, RegExp]>([
    ['an attribute that no schema has', (ada) => ({ ...ada, nickName: 'A' }), /nickName/],
    ['a text where a truth value belongs', (ada) => ({ ...ada, active: 'true' }), /\/active must be boolean/],
    ['one entry where a list belongs', (ada) => ({ ...ada, roles: {} }), /\/roles must be array/],
    ['an unknown part of a complex attribute', (ada) => ({ ...ada, name: { middle: 'M' } }), /middle/],
    ['a missing attribute that is required', (ada) => ({ ...ada, userName: undefined }), /userName/],
    ['a number for an id', (ada) => ({ ...ada, id: 7 }), /\/id must be string/],
    ['the wrong schema', (ada) => ({ ...ada, schemas: ['urn:x'] }), /\/schemas/],
    [
      'another place',
      (ada) => ({ ...ada, meta: { resourceType: 'User', location: 'http://x/Users/1' } }),
      /meta\.location/,
    ],
  ])('finds %s', async (_, broken, problem) => {
    const { id } = await user('ada');
    expect(await answered('GET', `/Users/${id}`, 200, broken(await user('ada')))).toMatch(problem);
  });

  it('finds numbers of a page that do not fit', async () => {
    const { body } = await scim('GET', '/Users?count=2');
    expect(await answered('GET', '/Users', 200, { ...body, itemsPerPage: 3 })).toMatch('do not fit together');
    expect(await answered('GET', '/Users', 200, { ...body, startIndex: 0 })).toMatch('/startIndex');
  });

  it('finds errors in another shape', async () => {
    const error = { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '404', detail: 'x' };
    expect(await answered('GET', '/Users/1', 404, error)).toBe('');
    expect(await answered('GET', '/Users/1', 404, { ...error, status: 404 })).toMatch('/status must be string');
    expect(await answered('GET', '/Users/1', 400, error)).toMatch('another status inside');
    expect(await answered('GET', '/Users/1', 404, { ...error, scimType: 'gone' })).toMatch('/scimType');
    expect(await answered('GET', '/Users/1', 404, error, { 'content-type': 'application/json' })).toMatch('scim+json');
  });

  it('finds a new resource without its Location', async () => {
    expect(await answered('POST', '/Users', 201, await user('ada'))).toMatch('no Location');
  });
});
