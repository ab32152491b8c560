import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beginErasure } from '../../store/erase.js';
import { rewrapDataKeys } from '../../store/rotate.js';
import { ensureTenant, TenantErased } from '../../store/tenants.js';
import {
  addTracker,
  findTracker,
  listTrackers,
  openTrackerSettings,
  removeTracker,
  replaceTrackerSecret,
  TrackerRefused,
  type NewTracker,
} from '../../store/trackers.js';
import { newVaultKeys, openVault, type Vault } from '../../store/vault.js';
import { createTestStore, type TestStore } from './database.js';

let store: TestStore;
let tenantId: string;
let tenants = 0;
beforeAll(async () => {
  store = await createTestStore();
});
beforeEach(async () => {
  ({ tenantId } = await ensureTenant(store.db, `tenant-${(tenants += 1)}`));
});
afterAll(() => store.close());

const add = (more: Partial<NewTracker> = {}, vault: Vault = store.vault) =>
  addTracker(store.db, vault, {
    ...{ tenantId, name: 'jira', kind: 'jira', config: { url: 'https://acme.atlassian.net', project: 'OPS' } },
    secret: 'api-token',
    ...more,
  });
const open = (name: string, vault: Vault = store.vault) => openTrackerSettings(store.db, vault, { tenantId, name });

describe('the secret of a tracker', () => {
  it('is sealed, shows in no list, and opens where the tracker is used', async () => {
    const added = await add();
    const found = await findTracker(store.db, { tenantId, name: 'jira' });
    const rows = await store.db.query('select * from miro.trackers where tenant_id = $1', [tenantId]);
    expect(JSON.stringify([added, found, await listTrackers(store.db, { tenantId }), rows])).not.toContain('api-token');
    expect(found).toMatchObject({ hasSecret: true });
    expect(found).not.toHaveProperty('secret');
    expect(await open('jira')).toMatchObject({ secret: 'api-token', config: { project: 'OPS' } });
  });

  it('does not open in the row of another tracker', async () => {
    await add();
    await add({ name: 'other', secret: 'other-token' });
    await store.db.query(
      `update miro.trackers set secret = (select secret from miro.trackers where tenant_id = $1 and name = 'jira')
       where tenant_id = $1 and name = 'other'`,
      [tenantId],
    );
    await expect(open('other')).rejects.toThrow('sealed for another place');
  });

  it('survives a rotation of the vault’s keys', async () => {
    const [old, fresh] = [newVaultKeys(), newVaultKeys()];
    await add({}, openVault(old));
    await store.db.query('update miro.tenants set data_key = null where id <> $1', [tenantId]);
    expect(await rewrapDataKeys(store.db, openVault(`${fresh},${old}`))).toMatchObject({ rewrapped: 1 });
    expect(await open('jira', openVault(fresh))).toMatchObject({ secret: 'api-token' });
  });

  it('can be replaced alone', async () => {
    await add();
    expect(await replaceTrackerSecret(store.db, store.vault, { tenantId, name: 'jira', secret: 'newer' })).toBe(true);
    expect(await open('jira')).toMatchObject({ secret: 'newer', config: { project: 'OPS' } });
    expect(await replaceTrackerSecret(store.db, store.vault, { tenantId, name: 'nosuch', secret: 'x' })).toBe(false);
  });
});

describe('a tracker', () => {
  it('is replaced only where that was asked for, whole, and stays the same tracker', async () => {
    const { trackerId } = await add({ mapping: { version: 1, type: 'Bug' } });
    await expect(add()).rejects.toThrow('there is a tracker "jira" already');
    const replaced = await add({ config: { project: 'WEB' }, secret: undefined, replace: true });
    expect(replaced).toMatchObject({ trackerId, config: { project: 'WEB' }, hasSecret: false });
    expect(await open('jira')).not.toHaveProperty('mapping');
  });

  it('is not replaced by one of another kind', async () => {
    await add();
    await expect(add({ kind: 'github', replace: true })).rejects.toThrow('is of kind jira');
  });

  it('is added once, however many try at the same moment', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => add()));
    const failures = tries.filter((each) => each.status === 'rejected').map(({ reason }) => reason as unknown);
    expect(failures).toHaveLength(7);
    for (const failure of failures) expect(failure).toBeInstanceOf(TrackerRefused);
  });

  it.each(['', 'Ops', '1st', 'a b', 'a/b', 'x'.repeat(41)])('cannot be called "%s"', async (name) => {
    await expect(add({ name })).rejects.toThrow(TrackerRefused);
  });

  it('cannot take the keys of the built-in one', async () => {
    await expect(add({ name: 'builtin' })).rejects.toThrow('"builtin" is the built-in tracker');
    await expect(add({ name: 't', kind: 'builtin', config: {} })).rejects.toThrow('T-1');
  });

  it('of a tenant that is being erased is not added, with or without secret', async () => {
    await beginErasure(store.db, tenantId);
    await expect(add()).rejects.toThrow(TenantErased);
    await expect(add({ secret: undefined })).rejects.toThrow(TenantErased);
  });

  it('that was removed is gone, with its secret', async () => {
    await add();
    expect(await removeTracker(store.db, { tenantId, name: 'jira' })).toBe(true);
    expect(await removeTracker(store.db, { tenantId, name: 'jira' })).toBe(false);
    expect(await open('jira')).toBeUndefined();
  });

  it('is its tenant’s only', async () => {
    await add();
    const other = await ensureTenant(store.db, 'neighbour');
    expect(await findTracker(store.db, { ...other, name: 'jira' })).toBeUndefined();
    expect(await listTrackers(store.db, other)).toHaveLength(1);
  });
});

describe('the built-in tracker', () => {
  it('is always there, and stands first', async () => {
    await add({ name: 'a-jira' });
    expect((await listTrackers(store.db, { tenantId })).map(({ name }) => name)).toEqual(['builtin', 'a-jira']);
    expect(await open('builtin')).toEqual({ tenantId, name: 'builtin', kind: 'builtin', config: {}, hasSecret: false });
  });

  it('can be given a mapping', async () => {
    await add({
      name: 'builtin',
      kind: 'builtin',
      config: {},
      secret: undefined,
      mapping: { version: 1, type: 'Idea' },
    });
    expect(await open('builtin')).toMatchObject({ mapping: { type: 'Idea' } });
    expect(await listTrackers(store.db, { tenantId })).toHaveLength(1);
  });
});
