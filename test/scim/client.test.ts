import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createScim,
  ENTERPRISE_USER,
  MiroError,
  pages,
  scimDiscovery,
  scimGroups,
  scimToken,
  scimUsers,
  type Scim,
  type ScimCall,
  type ScimPageCall,
} from '../../miro/index.js';
import { useCheckedScim, type CheckedScim } from './checked-scim.js';

const lenient = useCheckedScim();
const { sim, rest } = lenient;
const strict = useCheckedScim({ scimPatch: 'strict' });
const crowd = useCheckedScim({ world: 'members=450,teams=3,boards=0' });

const scims: Scim[] = [];
const senderFor = (to: CheckedScim) => {
  let scim: Scim | undefined;
  beforeAll(() => {
    scim = createScim({ baseUrl: to.base() });
    scims.push(scim);
  });
  return <T>(call: ScimCall<T>, token = to.sim().scimToken) =>
    scim!.send(call, { token: scimToken(token), deadlineMs: 20_000 });
};
const send = senderFor(lenient);
const sendStrict = senderFor(strict);
const sendCrowd = senderFor(crowd);
afterAll(() => Promise.all(scims.map((scim) => scim.close())));
beforeEach(async () => {
  await rest('POST', '/_sim/reset');
});

async function all<T extends { id: string }>(call: ScimPageCall<T>, sender = send): Promise<T[]> {
  const read: T[] = [];
  for await (const page of pages((next) => sender(next), call)) read.push(...page);
  return read;
}
const find = async (name: string) => {
  const [user] = await all(scimUsers.list({ filter: `userName eq "${name}@nordlicht.example"` }));
  return user!;
};
const refusal = (sent: Promise<unknown>): Promise<MiroError> =>
  sent.then(
    () => Promise.reject(new Error('It was not refused.')),
    (err: unknown) => err as MiroError,
  );

describe('our SCIM client and the simulator', () => {
  it('read all people in pages, each once', async () => {
    const users = await all(scimUsers.list(), sendCrowd);
    expect(users.length).toBeGreaterThan(400);
    expect(new Set(users.map(({ id }) => id)).size).toBe(users.length);
    const tiny = await all(scimUsers.list({ count: 7 }));
    expect(tiny.map(({ id }) => id)).toEqual((await all(scimUsers.list())).map(({ id }) => id));
  });

  it('find, sort and choose attributes alike', async () => {
    const users = await all(
      scimUsers.list({
        filter: 'active eq false',
        sortBy: 'userName',
        sortOrder: 'descending',
        attributes: 'userName',
      }),
    );
    expect(users.map(({ userName }) => userName.split('@')[0])).toEqual(['ravi', 'petra', 'otto']);
    expect(users[0]).not.toHaveProperty('displayName');
  });

  it('make, read, replace, change and delete a person', async () => {
    const made = await send(
      scimUsers.create({
        userName: 'client@nordlicht.example',
        displayName: 'Cli Ent',
        userType: 'Basic',
        [ENTERPRISE_USER]: { department: 'R&D', manager: { value: '3458764500000000001' } },
      }),
    );
    expect(made).toMatchObject({ userType: 'Basic', active: true, [ENTERPRISE_USER]: { department: 'R&D' } });
    expect(await send(scimUsers.get(made.id))).toEqual(made);
    const replaced = await send(scimUsers.replace(made.id, { userName: made.userName, displayName: 'New Name' }));
    expect(replaced).toMatchObject({ displayName: 'New Name', userType: 'Basic' });
    const patched = await send(scimUsers.patch(made.id, [{ op: 'Replace', path: 'active', value: 'false' }]));
    expect(patched).toEqual({ ...replaced, active: false });
    await send(scimUsers.delete(made.id));
    expect(await refusal(send(scimUsers.get(made.id)))).toMatchObject({ kind: 'not_found', written: 'no' });
  });

  it('agree on the published spelling, and on what only a lenient service takes', async () => {
    const [ben] = await all(scimUsers.list({ filter: 'userName sw "ben@"' }), sendStrict);
    const published = scimUsers.patch(ben!.id, [{ op: 'Replace', path: 'active', value: 'false' }]);
    expect((await sendStrict(published)).active).toBe(false);
    const rfc = (id: string) => scimUsers.patch(id, [{ op: 'replace', path: 'active', value: true }]);
    expect(await refusal(sendStrict(rfc(ben!.id)))).toMatchObject({ kind: 'invalid', written: 'no' });
    expect((await send(rfc((await find('otto')).id))).active).toBe(true);
  });

  it('take people in and out of groups', async () => {
    const [group] = await all(scimGroups.list({ filter: 'displayName eq "Vertrieb"' }));
    const ben = await find('ben');
    const joined = await send(
      scimGroups.patch(group!.id, [{ op: 'Add', path: 'members', value: [{ value: ben.id }] }]),
    );
    expect(joined?.members).toContainEqual({ value: ben.id, type: 'User', display: ben.displayName });
    const path = `members[value eq "${ben.id}"]`;
    expect(await send(scimGroups.patch(group!.id, [{ op: 'Remove', path }]))).toEqual(
      await send(scimGroups.get(group!.id)),
    );
    const named = await send(scimGroups.get(group!.id, { attributes: 'displayName' }));
    expect(named).toEqual({ id: group!.id, displayName: 'Vertrieb', members: [] });
  });

  it('agree on what the service can do', async () => {
    expect(await send(scimDiscovery.serviceProviderConfig())).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 200 },
    });
    for (const { name, schema } of await send(scimDiscovery.resourceTypes())) {
      expect(await send(scimDiscovery.resourceType(name))).toMatchObject({ name, schema });
      expect(await send(scimDiscovery.schema(schema!))).toMatchObject({ id: schema, name });
    }
    expect(await send(scimDiscovery.schemas())).toHaveLength(3);
  });

  it.each<[string, () => Promise<ScimCall<unknown>>, Partial<MiroError>]>([
    [
      'a name that is taken',
      () => Promise.resolve(scimUsers.create({ userName: 'ben@nordlicht.example' })),
      {
        kind: 'invalid',
        status: 400,
        code: 'invalidValue',
        detail: "User name 'ben@nordlicht.example' is invalid: 'not unique'",
      },
    ],
    [
      'a blocked domain',
      () => Promise.resolve(scimUsers.create({ userName: 'x@blocked.example' })),
      { kind: 'conflict', status: 409, detail: 'x@blocked.example is not whitelisted' },
    ],
    [
      'a filter that is none',
      () => Promise.resolve(scimUsers.list({ filter: 'userName' })),
      { kind: 'invalid', code: 'invalidFilter' },
    ],
    [
      'the last admin of a team',
      async () => scimUsers.delete((await find('dora')).id),
      { kind: 'conflict', status: 409 },
    ],
    [
      'another name for who is deactivated',
      async () =>
        scimUsers.patch((await find('otto')).id, [{ op: 'Replace', path: 'userName', value: 'o@nordlicht.example' }]),
      { kind: 'conflict', status: 409 },
    ],
    [
      'somebody who is not there',
      () => Promise.resolve(scimUsers.delete('1')),
      { kind: 'not_found', status: 404, detail: 'No valid resources: [{memberId=1}]' },
    ],
    [
      'too many members',
      async () =>
        scimGroups.patch((await all(scimGroups.list()))[0]!.id, [
          { op: 'Add', path: 'members', value: Array.from({ length: 8001 }, (_, n) => ({ value: String(n) })) },
        ]),
      { status: 413 },
    ],
  ])('agree on the refusal of %s', async (_, call, wanted) => {
    const refused = await refusal(send(await call()));
    expect(refused).toBeInstanceOf(MiroError);
    expect(refused).toMatchObject({ written: 'no', ...wanted });
  });

  it('agree on tokens that are not taken', async () => {
    expect(await refusal(send(scimUsers.list(), sim().accessToken))).toMatchObject({
      kind: 'unauthorized',
      written: 'no',
    });
  });
});

describe('our SCIM client at the end of a budget', () => {
  const slow = useCheckedScim({ windowMs: 7_200_000 });
  const sendSlow = senderFor(slow);

  it('is told so by a 429 that wrote nothing, after as many calls as it reckons with', async () => {
    const call = scimGroups.list();
    expect(call.credits).toBe(2000);
    const outcomes: string[] = [];
    for (let n = 0; n < 6; n++)
      outcomes.push(
        await sendSlow(call).then(
          () => 'done',
          (err: unknown) => (err as MiroError).kind,
        ),
      );
    expect(outcomes).toEqual([...Array<string>(10_000 / call.credits).fill('done'), 'rate_limited']);
    expect(await refusal(sendSlow(call))).toMatchObject({ status: 429, code: 'tooManyRequests', written: 'no' });
  });

  it.each([
    [scimUsers.list(), 50],
    [scimUsers.get('1'), 50],
    [scimUsers.create({ userName: 'a@x.de' }), 50],
    [scimUsers.replace('1', { userName: 'a@x.de' }), 100],
    [scimUsers.patch('1', []), 100],
    [scimUsers.delete('1'), 500],
    [scimGroups.get('1'), 500],
    [scimGroups.patch('1', []), 100],
  ])('reckons with what Miro publishes', (call, credits) => {
    expect(call.credits).toBe(credits);
  });
});
