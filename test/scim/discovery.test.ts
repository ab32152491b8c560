import { describe, expect, it } from 'vitest';
import { BASE, useCheckedScim } from './checked-scim.js';

const { scim, sim } = useCheckedScim();

/** API reference of Users. */
const LICENSES = ['Free Restricted', 'Free', 'Basic', 'Standard', 'Advanced', 'Full (Trial)', 'Full'];

interface Attributes {
  attributes: { name: string; required: boolean; mutability: string; canonicalValues?: string[] }[];
}

describe('SCIM discovery', () => {
  it('says what the service can do', async () => {
    const { body } = await scim('GET', '/ServiceProviderConfig');
    expect(body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 200 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: false },
      authenticationSchemes: [{ type: 'oauthbearertoken' }],
    });
  });

  it('lists the two kinds of resources and answers each by its name', async () => {
    const { body } = await scim<{ Resources: { id: string }[] }>('GET', '/ResourceTypes');
    expect(body.Resources.map(({ id }) => id)).toEqual(['User', 'Group']);
    for (const { id } of body.Resources)
      expect((await scim('GET', `/ResourceTypes/${id}`)).body).toMatchObject({
        endpoint: `/${id}s`,
        meta: { location: `${sim().url}${BASE}/ResourceTypes/${id}` },
      });
    expect((await scim('GET', '/ResourceTypes/Bot')).status).toBe(404);
  });

  it('lists the schemas and answers each by its URN', async () => {
    const { body } = await scim<{ Resources: { id: string }[] }>('GET', '/Schemas');
    expect(body.Resources).toHaveLength(3);
    for (const schema of body.Resources)
      expect((await scim('GET', `/Schemas/${encodeURIComponent(schema.id)}`)).body).toEqual(schema);
  });

  it('tells which licences there are and that the user name must be given', async () => {
    const { body } = await scim<Attributes>('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User');
    expect(body.attributes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'userName', required: true, uniqueness: 'server' }),
        expect.objectContaining({ name: 'userType', canonicalValues: LICENSES }),
        expect.objectContaining({ name: 'groups', mutability: 'readOnly' }),
      ]),
    );
  });

  it.each(['ServiceProviderConfig', 'ResourceTypes', 'Schemas'])('cannot be changed: %s', async (path) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect((await scim(method, `/${path}`, method === 'DELETE' ? undefined : {})).status).toBe(405);
  });

  it('has neither bulk operations nor a place for the token itself', async () => {
    expect((await scim('POST', '/Bulk', { Operations: [] })).status).toBe(404);
    expect((await scim('GET', '/Me')).status).toBe(404);
  });
});
