import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTERPRISE, useCheckedScim, type Page } from './checked-scim.js';
import { isWanted, OPERATORS, PATHS, respelled, written, type Person, type Wanted } from './naive-filter.js';

const { scim, users, group, user, patch } = useCheckedScim();

const search = (filter: string, kind = 'Users') =>
  scim<Page<Person> & { scimType?: string; detail?: string }>(
    'GET',
    `/${kind}?count=1000&filter=${encodeURIComponent(filter)}`,
  );
const names = async (filter: string) => (await users(filter)).map(({ userName }) => userName.split('@')[0]);

describe('a SCIM filter', () => {
  it.each<[string, string[]]>([
    ['userName eq "BEN@nordlicht.example"', ['ben']],
    ['userName eq "ben@nordlicht.example" ', ['ben']],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ben@nordlicht.example"', ['ben']],
    ['userName eq "ben"', []],
    ['userName sw "ben@" or userName sw "zoe@"', ['ben', 'zoe']],
    ['userName sw "ben@" and active eq true', ['ben']],
    ['active eq "False"', ['otto', 'petra', 'ravi']],
    ['not (active eq true)', ['otto', 'petra', 'ravi']],
    ['active ne true and not (userName sw "o" or userName sw "p")', ['ravi']],
    ['(userName sw "o" or userName sw "p") and active eq false', ['otto', 'petra']],
    ['userName sw "ben@" or userName sw "o" and active eq false', ['ben', 'otto']],
    ['active eq false and userName sw "o" or userName sw "ben@"', ['ben', 'otto']],
    ['emails[type eq "work" and value sw "ben@"]', ['ben']],
    ['emails[not (type eq "home") and (value sw "ben@" or value sw "zoe@")]', ['ben', 'zoe']],
    ['emails[type eq "home"]', []],
    ['emails eq "ben@nordlicht.example"', ['ben']],
    ['emails.value sw "ben@" and emails.primary eq true', ['ben']],
    ['roles eq "Content Admin"', ['ada']],
    ['preferredLanguage pr', []],
    ['preferredLanguage eq null and userName sw "ben@"', ['ben']],
    ['userType ne null and userName sw "ben@"', ['ben']],
    ['nickName pr', []],
    ['urn:example:other:userName sw "ben@"', []],
    ['name[familyName pr] and userName sw "ben@"', ['ben']],
    [String.raw`displayName co "\"" or userName sw "\u0062en@"`, ['ben']],
  ])('%s', async (filter, wanted) => {
    expect(await names(filter)).toEqual(wanted);
  });

  it('finds ids with and without quotation marks, although they are larger than numbers can be', async () => {
    const { id } = await user('ben');
    expect(BigInt(id)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    expect(await names(`id eq "${id}"`)).toEqual(['ben']);
    expect(await names(`id eq ${id}`)).toEqual(['ben']);
    expect(await names(`id eq "${BigInt(id) + 1n}"`)).toEqual([]);
  });

  it('finds the people of a group', async () => {
    const { id, members } = await group('Design');
    const found = await users(`groups.value eq "${id}"`);
    expect(found.map((each) => each.id).sort()).toEqual(members.map(({ value }) => value).sort());
    expect(await users(`groups[display eq "design" and value eq "${id}"]`)).toEqual(found);
  });

  it('finds people by the enterprise extension', async () => {
    const { id } = await user('zoe');
    const manager = { value: '3458764500000000001', displayName: 'Ada' };
    await patch(`/Users/${id}`, { op: 'Add', path: ENTERPRISE, value: { department: 'R&D', manager } });
    expect(await names(`${ENTERPRISE}:department eq "r&d"`)).toEqual(['zoe']);
    expect(await names(`${ENTERPRISE}:manager.displayName co "ADA"`)).toEqual(['zoe']);
    expect(await names(`${ENTERPRISE}:costCenter pr`)).toEqual([]);
    expect(await names('department eq "R&D"')).toEqual([]);
  });

  it.each([
    ...['', 'userName', 'userName eq', 'userName xx "a"', 'userName pr and', 'and userName pr', 'userName eq "a'],
    ...['userName eq bare', "userName eq 'a'", '(userName pr', 'userName pr)', 'not userName pr', 'userName pr pr'],
    ...[
      'emails[type eq "work"',
      'emails[]',
      'emails[type]',
      'eq "a"',
      '1a eq "a"',
      'roles[primary eq true].value pr',
      String.raw`userName eq "\q"`,
    ],
    ...['active gt true', 'active le false', 'userType lt null', 'userName eq "a" xor active eq true'],
  ])('is refused when it is no filter: %s', async (filter) => {
    expect(await search(filter)).toMatchObject({ status: 400, body: { status: '400', scimType: 'invalidFilter' } });
  });

  it('of groups may name simple attributes only', async () => {
    const { body } = await search('displayName sw "DES" and not (displayName eq "x")', 'Groups');
    expect(body.Resources).toMatchObject([{ displayName: 'Design' }]);
    for (const filter of ['members.value eq "1"', 'members[value eq "1"]', 'displayName pr and members pr'])
      expect(await search(filter, 'Groups')).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
  });

  it('means what a naive reading of it means, whatever its spelling', async () => {
    const everybody = (await search('id pr')).body.Resources;
    await fc.assert(
      fc.asyncProperty(filters(everybody), spelling, async (filter, { upper, spaces }) => {
        const text = respelled(written(filter), upper, spaces);
        const { status, body } = await search(text);
        expect(status, text).toBe(200);
        const wanted = everybody.filter((person) => isWanted(filter, person));
        expect(
          body.Resources.map(({ userName }) => userName),
          text,
        ).toEqual(wanted.map(({ userName }) => userName));
      }),
      { numRuns: 300 },
    );
  });

  it('is answered or refused, never failed on, whatever its text', async () => {
    const words = [
      'userName',
      'emails',
      'and',
      'or',
      'not',
      '(',
      ')',
      '[',
      ']',
      'eq',
      'pr',
      '"a"',
      'true',
      '.',
      ':',
      '"',
    ];
    const texts = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((w) => w.join(' ')),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const { status, body } = await search(text);
        expect(status === 200 || (status === 400 && body.scimType === 'invalidFilter'), text).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

const spelling = fc.record({
  upper: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  spaces: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
});

/** Filters that say something about these people: values are parts of what they have. */
function filters(people: Person[]): fc.Arbitrary<Wanted> {
  const texts = people.flatMap(({ userName, displayName, userType, roles }) => [
    ...[userName, displayName, userType, userName.slice(0, 3), displayName.slice(-4)],
    ...roles.map(({ value }) => value),
  ]);
  const value = fc.oneof(fc.constantFrom(...texts), fc.string({ maxLength: 3 }));
  const operator = fc.constantFrom(...OPERATORS);
  const equality = fc.constantFrom('eq' as const, 'ne' as const);
  const path = fc.constantFrom(...PATHS);
  const { filter } = fc.letrec<{ filter: Wanted; not: Wanted; join: Wanted; leaf: Wanted }>((tie) => ({
    leaf: fc.oneof(
      fc.record({ kind: fc.constant('compare' as const), path, operator, value }),
      fc.record({ kind: fc.constant('active' as const), operator: equality, value: fc.boolean() }),
      fc.record({ kind: fc.constant('present' as const), path }),
      fc.record({
        kind: fc.constant('entry' as const),
        type: equality,
        wanted: fc.constantFrom('work', 'home'),
        operator,
        value,
      }),
    ),
    not: fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
    join: fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      left: tie('filter'),
      right: tie('filter'),
    }),
    filter: fc.oneof({ maxDepth: 4, depthSize: 'medium' }, tie('leaf'), tie('join'), tie('not')),
  }));
  return filter;
}
