import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { endOutage, findOutage, noteOutage, postponeProbe, takeProbe } from '../../store/origins.js';
import { createTestStore, type TestStore } from './database.js';

const LEASE_MS = 60_000;

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

let origin: string;
let owner: string;
beforeEach(async () => {
  origin = `https://${randomUUID()}.example`;
  owner = randomUUID();
  await noteOutage(store.db, { origin, reason: 'GET /v2/boards answered 503', forAll: true });
});

const find = () => findOutage(store.db, origin);
const take = (by = owner) => takeProbe(store.db, { origin, owner: by, leaseMs: LEASE_MS });
/** As if the moment of the next probe, which is the end of a lease too, had come. */
const due = () => store.db.query('update miro.origins set next_probe_at = now() where origin = $1', [origin]);

it('knows nothing of an origin that answers', async () => {
  expect(await findOutage(store.db, 'https://api.miro.com')).toBeUndefined();
  expect(await takeProbe(store.db, { origin: 'https://api.miro.com', owner, leaseMs: LEASE_MS })).toBe(false);
});

it('keeps what was said first of an outage', async () => {
  const first = await find();
  expect(first).toEqual({
    ...{ since: expect.any(Date) as Date, reason: 'GET /v2/boards answered 503' },
    ...{ forAll: true, failures: 1, probeInMs: 0, probing: false },
  });
  for (const forAll of [true, false]) await noteOutage(store.db, { origin, reason: 'later', forAll });
  expect(await find()).toEqual(first);
});

it('counts anew with every witness of an outage that does not hold all, and holds all once the origin says so', async () => {
  const origin = `https://${randomUUID()}.example`;
  const note = (reason: string, forAll: boolean) => noteOutage(store.db, { origin, reason, forAll });
  await note('refused', false);
  for (const [reason, forAll] of [
    ['refused too', false],
    ['answered 503', true],
  ] as const) {
    await takeProbe(store.db, { origin, owner, leaseMs: LEASE_MS });
    await postponeProbe(store.db, { origin, owner, delayMs: 30_000 });
    expect(await findOutage(store.db, origin)).toMatchObject({ forAll: false, failures: 2 });
    await note(reason, forAll);
    expect(await findOutage(store.db, origin)).toMatchObject({ forAll, reason, failures: 1, probeInMs: 0 });
  }
});

it('leaves a probe that is under way to its holder when another witness comes', async () => {
  const origin = `https://${randomUUID()}.example`;
  const note = () => noteOutage(store.db, { origin, reason: 'refused', forAll: false });
  await note();
  await takeProbe(store.db, { origin, owner, leaseMs: LEASE_MS });
  await note();
  expect(await takeProbe(store.db, { origin, owner: randomUUID(), leaseMs: LEASE_MS })).toBe(false);
  await endOutage(store.db, { origin, owner });
  expect(await findOutage(store.db, origin)).toBeUndefined();
});

it('gives the probe that is due to exactly one of fifty', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => take(randomUUID())));
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await find()).toMatchObject({ probing: true, failures: 1 });
});

it('ends with an answer', async () => {
  await take();
  await endOutage(store.db, { origin, owner });
  expect(await find()).toBeUndefined();
});

it('lets the next probe go out only after its time', async () => {
  await take();
  await postponeProbe(store.db, { origin, owner, delayMs: 30_000 });
  const outage = await find();
  expect(outage).toMatchObject({ probing: false, failures: 2 });
  expect(outage?.probeInMs).toBeGreaterThan(20_000);
  expect(await take(randomUUID())).toBe(false);
});

it('gives the probe of a dead holder to another one when the lease has ended, and hears the dead one no more', async () => {
  await take();
  expect(await take(randomUUID())).toBe(false);
  await due();
  const successor = randomUUID();
  expect(await take(successor)).toBe(true);
  await endOutage(store.db, { origin, owner });
  await postponeProbe(store.db, { origin, owner, delayMs: 1 });
  expect(await find()).toMatchObject({ probing: true, failures: 1 });
  await endOutage(store.db, { origin, owner: successor });
  expect(await find()).toBeUndefined();
});
