import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_TYPES, type EventType } from '../../contract.js';
import { ensureConnection, findConnection } from '../../store/connections.js';
import {
  findEvent,
  forgetEvents,
  readEvents,
  recordEvent,
  startEvents,
  UnknownCursor,
  type MiroEvent,
} from '../../store/events.js';
import { markNeedsRelink } from '../../store/grants.js';
import { checkInstallation } from '../../store/installation.js';
import { closeJob } from '../../store/jobs.js';
import { park, unpark } from '../../store/parked.js';
import { ensureTenant } from '../../store/tenants.js';
import { until } from '../provision/until.js';
import { createTestStore, openNewJob, type TestStore } from './database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

/** A tenant without any events yet. */
async function newTenant(): Promise<{ tenant: string; tenantId: string }> {
  const tenant = `t-${randomUUID()}`;
  return { tenant, tenantId: (await ensureTenant(store.db, tenant)).tenantId };
}

const record = (tenantId: string, n: number, type: EventType = 'connection.linked') =>
  recordEvent(store.db, { tenantId, type, data: { n } });
const numbers = (events: MiroEvent[]) => events.map(({ data }) => data['n']);

/** The page after a cursor; transactions of other tests on the same server may hold events back for a moment. */
const pageOf = (tenantId: string, count: number, after?: string) =>
  until(async () => {
    const page = await readEvents(store.db, { tenantId, limit: 100, ...(after !== undefined && { after }) });
    return page.events.length >= count && page;
  });

describe('reading by cursor', () => {
  it('gives events in their order, page by page, each once', async () => {
    const { tenant, tenantId } = await newTenant();
    for (const n of [1, 2, 3, 4, 5]) await record(tenantId, n);
    await pageOf(tenantId, 5);
    const first = await readEvents(store.db, { tenantId, limit: 2 });
    expect(first.more).toBe(true);
    expect(first.events[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      type: 'connection.linked',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      tenant,
      data: { n: 1 },
    });
    const second = await readEvents(store.db, { tenantId, limit: 3, after: first.cursor });
    expect(second.more).toBe(false);
    expect(numbers([...first.events, ...second.events])).toEqual([1, 2, 3, 4, 5]);
    expect(await readEvents(store.db, { tenantId, limit: 3, after: second.cursor })).toEqual({
      events: [],
      cursor: second.cursor,
      more: false,
    });
  });

  it('starts at the beginning, also for a tenant that nothing happened to', async () => {
    const { tenantId } = await newTenant();
    const empty = await readEvents(store.db, { tenantId, limit: 10 });
    expect(empty.events).toEqual([]);
    await record(tenantId, 1);
    expect(numbers((await pageOf(tenantId, 1, empty.cursor)).events)).toEqual([1]);
  });

  it('misses none that commits late', async () => {
    const { tenantId } = await newTenant();
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const late = store.db.tx(async (tx) => {
      await recordEvent(tx, { tenantId, type: 'connection.linked', data: { n: 'late' } });
      begun();
      await finished;
    });
    await hasBegun;
    for (const n of [1, 2, 3]) await record(tenantId, n);
    const meanwhile = await readEvents(store.db, { tenantId, limit: 100 });
    expect(meanwhile.events).toEqual([]);
    finish();
    await late;
    expect(numbers((await pageOf(tenantId, 4, meanwhile.cursor)).events)).toEqual(['late', 1, 2, 3]);
  });

  it('gives every event once to a reader beside many writers', async () => {
    const { tenantId } = await newTenant();
    const [writers, each] = [6, 20];
    let writing = true;
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; n < each; n += 1)
        await store.db.tx(async (tx) => {
          await recordEvent(tx, { tenantId, type: 'run.finished', data: { n: `${writer}.${n}` } });
          if (n % 3 === 0) await tx.query('select pg_sleep(0.01)');
        });
    };
    const written = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer))).then(
      () => (writing = false),
    );
    const seen: unknown[] = [];
    let after: string | undefined;
    await until(async () => {
      const page = await readEvents(store.db, { tenantId, limit: 7, ...(after !== undefined && { after }) });
      after = page.cursor;
      seen.push(...numbers(page.events));
      return !writing && seen.length >= writers * each;
    });
    await written;
    expect(seen).toHaveLength(writers * each);
    expect(new Set(seen).size).toBe(writers * each);
  });

  it('gives only the types that were asked for', async () => {
    const { tenantId } = await newTenant();
    for (const [n, type] of EVENT_TYPES.entries()) await record(tenantId, n, type);
    await pageOf(tenantId, EVENT_TYPES.length);
    const { events } = await readEvents(store.db, { tenantId, limit: 10, types: ['run.failed', 'run.parked'] });
    expect(events.map(({ type }) => type)).toEqual(['run.failed', 'run.parked']);
  });

  it('keeps tenants apart, and gives all of them to who may see all', async () => {
    const [mine, other] = [await newTenant(), await newTenant()];
    await record(mine.tenantId, 1);
    await record(other.tenantId, 2);
    expect(numbers((await pageOf(mine.tenantId, 1)).events)).toEqual([1]);
    const tenants = await until(async () => {
      const { events } = await readEvents(store.db, { limit: 1_000 });
      const seen = new Set(events.map(({ tenant }) => tenant));
      return seen.has(mine.tenant) && seen.has(other.tenant);
    });
    expect(tenants).toBe(true);
  });

  it.each([
    '',
    'x',
    'MS4',
    '1.2',
    Buffer.from('1.2; drop').toString('base64url'),
    Buffer.from('-1.2').toString('base64url'),
  ])('refuses %j as a cursor', async (after) => {
    await expect(readEvents(store.db, { after, limit: 1 })).rejects.toThrow(UnknownCursor);
  });
});

describe('a database that was restored on a server which has counted fewer transactions', () => {
  /** Events with later transactions than the server has had, of which the reader of the cursor has seen two. */
  async function moved() {
    const own = await createTestStore();
    await checkInstallation(own.db, '11111111');
    const recordOwn = (n: number) =>
      recordEvent(own.db, { tenantId: own.tenantId, type: 'connection.linked', data: { n } });
    const read = (after?: string) => readEvents(own.db, { limit: 100, ...(after !== undefined && { after }) });
    const readAll = (count: number, after?: string) =>
      until(async () => {
        const page = await read(after);
        return page.events.length >= count && page;
      });
    for (const n of [1, 2, 3, 4]) await recordOwn(n);
    await own.db.query(`update miro.events set txid = (txid::text::numeric + 1000000000)::text::xid8`);
    const places = await own.db.query<{ place: string }>(
      `select '0.' || txid::text || '.' || seq as place from miro.events order by txid, seq`,
    );
    const [, cursor = ''] = places.map(({ place }) => Buffer.from(place).toString('base64url'));
    return { own, recordOwn, read, readAll, cursor };
  }

  it('gives each reader what it has not seen yet, and then what is new', async () => {
    const { own, recordOwn, readAll, cursor } = await moved();
    await Promise.all([startEvents(own.db), startEvents(own.db), startEvents(own.db)]);
    await recordOwn(5);
    expect(numbers((await readAll(5)).events)).toEqual([1, 2, 3, 4, 5]);
    const rest = await readAll(3, cursor);
    expect(numbers(rest.events)).toEqual([3, 4, 5]);
    await recordOwn(6);
    await startEvents(own.db);
    await recordOwn(7);
    expect(numbers((await readAll(2, rest.cursor)).events)).toEqual([6, 7]);
    expect(await own.db.query('select events_epoch as epoch from miro.installation')).toEqual([{ epoch: 1 }]);
    await own.close();
  });

  it('tells a reader that has seen more than was restored to start anew', async () => {
    const { own, read, cursor } = await moved();
    await own.db.query('delete from miro.events');
    await expect(read(cursor)).rejects.toThrow(UnknownCursor);
    await expect(read(cursor)).rejects.toThrow('start anew');
    await own.close();
  });
});

describe('relink URLs', () => {
  const dead = { connectionId: String(randomUUID()), grantId: String(randomUUID()), generation: 3 };
  const relinkUrl = ({ connectionId, generation }: typeof dead) => `https://here/${connectionId}/${generation}`;

  it('stand in what is read, never in what is stored', async () => {
    const { tenantId } = await newTenant();
    await recordEvent(store.db, { tenantId, type: 'connection.needs_relink', data: { ...dead, kind: 'rest' } });
    const { events } = await pageOf(tenantId, 1);
    expect(events[0]?.data).toEqual({ ...dead, kind: 'rest' });
    const told = await findEvent(store.db, { eventId: events[0]!.id, relinkUrl });
    expect(told?.data).toEqual({ ...dead, kind: 'rest', relinkUrl: `https://here/${dead.connectionId}/3` });
    expect((await readEvents(store.db, { tenantId, limit: 1, relinkUrl })).events).toEqual([told]);
  });

  it('are for accounts, not for SCIM tokens, and for nothing else', async () => {
    const { tenantId } = await newTenant();
    await recordEvent(store.db, { tenantId, type: 'connection.needs_relink', data: { ...dead, kind: 'scim' } });
    await recordEvent(store.db, { tenantId, type: 'connection.revoked', data: { ...dead, kind: 'rest' } });
    await pageOf(tenantId, 2);
    const { events } = await readEvents(store.db, { tenantId, limit: 10, relinkUrl });
    expect(events.filter(({ data }) => 'relinkUrl' in data)).toEqual([]);
  });
});

describe('events of runs', () => {
  const counts = { made: 2, existing: 0, changed: 0, skipped: 0, refused: 1, failed: 0 };
  const eventsOf = async (runId: string) =>
    (
      await store.db.query<{ type: string; data: Record<string, unknown> }>(
        `select type, data from miro.events where data ->> 'runId' = $1 order by seq`,
        [runId],
      )
    ).map(({ type, data }) => ({ type, ...data }));

  it('tell once how a run ended, however often it is closed', async () => {
    const { jobId, runId, workflowId } = await openNewJob(store, { options: { connectionId: 'default' } });
    const close = () =>
      closeJob(store.db, { jobId, runId, ending: 'done', result: { secret: 'of the board' }, counts });
    await Promise.all([close(), close()]);
    await close();
    await closeJob(store.db, { jobId, runId, ending: 'failed', result: {} });
    expect(await eventsOf(runId)).toEqual([
      {
        type: 'run.finished',
        jobId,
        kind: 'provisionBoard',
        connection: 'default',
        workflowId,
        runId,
        ending: 'done',
        counts,
      },
    ]);
  });

  it.each(['failed', 'cancelled', 'deadline'] as const)(
    'call a run that ended as %s failed, with its ending',
    async (ending) => {
      const { jobId, runId } = await openNewJob(store);
      await closeJob(store.db, { jobId, runId, ending, result: {}, errorType: 'Miro.forbidden' });
      expect(await eventsOf(runId)).toMatchObject([{ type: 'run.failed', ending, error: { type: 'Miro.forbidden' } }]);
    },
  );

  it('are not written when the closing fails', async () => {
    const { jobId, runId } = await openNewJob(store);
    const failing: TestStore['db'] = {
      ...store.db,
      tx: (run) =>
        store.db.tx(async (tx) => {
          await run(tx);
          throw new Error('no');
        }),
    };
    await expect(closeJob(failing, { jobId, runId, ending: 'done', result: {} })).rejects.toThrow('no');
    expect(await eventsOf(runId)).toEqual([]);
  });

  it('tell of a park once, and of the next park again', async () => {
    const { tenantId } = await newTenant();
    await ensureConnection(store.db, store.vault, { tenantId, name: 'dead', rest: { accessToken: 'a' } });
    const { grantId } = (await findConnection(store.db, { tenantId, name: 'dead' }))!.rest!;
    await markNeedsRelink(store.db, { grantId, generation: 1, reason: 'Miro answered 401' });
    const { jobId, runId, workflowId } = await openNewJob({ ...store, tenantId });
    const waiting = { tenantId, connectionName: 'dead', grantId, generation: 1, workflowId, runId };
    await Promise.all([park(store.db, waiting), park(store.db, waiting)]);
    await park(store.db, waiting);
    const told = {
      type: 'run.parked',
      jobId,
      kind: 'provisionBoard',
      workflowId,
      runId,
      connection: 'dead',
      reason: 'Miro answered 401',
    };
    expect(await eventsOf(runId)).toEqual([told]);
    await unpark(store.db, { workflowId, runId });
    await park(store.db, waiting);
    expect(await eventsOf(runId)).toEqual([told, told]);
    await park(store.db, { ...waiting, generation: 9 });
    expect(await eventsOf(runId)).toHaveLength(2);
  });
});

it('forgets what is older than 30 days, a few at a time, with its deliveries', async () => {
  const { tenantId } = await newTenant();
  for (const n of [1, 2, 3]) await record(tenantId, n);
  await store.db.query(
    `update miro.events set at = now() - interval '31 days' where tenant_id = $1 and data ->> 'n' <> '3'`,
    [tenantId],
  );
  expect(await forgetEvents(store.db, { limit: 1 })).toEqual({ forgotten: 1 });
  expect(await forgetEvents(store.db, { limit: 100 })).toEqual({ forgotten: 1 });
  expect(await forgetEvents(store.db, { limit: 100 })).toEqual({ forgotten: 0 });
  expect(numbers((await pageOf(tenantId, 1)).events)).toEqual([3]);
});
