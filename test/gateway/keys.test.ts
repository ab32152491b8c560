import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLimits } from '../../gateway/limits.js';
import { createKey, KEY_SCOPES, listKeys, revokeKey, verifyKey } from '../../store/api-keys.js';
import { createGatewayStage, type GatewayStage } from './stage.js';

let stage: GatewayStage;
beforeAll(async () => {
  stage = await createGatewayStage();
});
afterAll(() => stage.close());

const connections = (tenant: string, key?: string) =>
  stage.call('GET', `/v1/connections?tenant=${tenant}`, undefined, key);

describe('a key', () => {
  it('is shown once, and stored as a hash only', async () => {
    const { key, id } = await createKey(stage.store.db, { name: 'shop', scopes: ['links:write'], tenants: ['acme'] });
    expect(key).toMatch(/^tmk_[0-9a-f]{12}_[\w-]{43}$/);
    const rows = JSON.stringify(await stage.store.db.query('select * from miro.api_keys'));
    expect(rows).not.toContain(key.split('_').at(-1));
    expect((await listKeys(stage.store.db)).find((each) => each.id === id)).toMatchObject({
      name: 'shop',
      tenants: ['acme'],
    });
  });

  it('is refused from the moment it is revoked', async () => {
    const key = await stage.key();
    expect((await connections('acme', key)).status).toBe(200);
    await revokeKey(stage.store.db, key.split('_')[1] ?? '');
    const { status, body } = await connections('acme', key);
    expect([status, body.error]).toEqual([
      401,
      expect.objectContaining({ code: 'unauthorized', message: 'The bearer key was revoked.' }),
    ]);
  });

  it('is refused after its end', async () => {
    const key = await stage.key({ expiresInMs: -1 });
    expect((await connections('acme', key)).body.error?.message).toBe('The bearer key has expired.');
  });

  it('tells nobody but its owner that it was revoked', async () => {
    const key = await stage.key();
    const [, id = ''] = key.split('_');
    await revokeKey(stage.store.db, id);
    expect(await verifyKey(stage.store.db, `tmk_${id}_${'A'.repeat(43)}`)).toEqual({ state: 'unknown' });
  });

  it('is compared in constant time, also one that is not there', async () => {
    const { key } = await createKey(stage.store.db, { name: 'timed', scopes: [] });
    const compare = vi.spyOn(crypto, 'timingSafeEqual');
    syncBuiltinESMExports();
    for (const text of [key, `${key.slice(0, -1)}_`, `tmk_000000000000_${'A'.repeat(43)}`])
      await verifyKey(stage.store.db, text);
    expect(compare).toHaveBeenCalledTimes(3);
    compare.mockRestore();
    syncBuiltinESMExports();
  });

  it('remembers to the minute when it was used', async () => {
    const key = await stage.key();
    const id = key.split('_')[1];
    const lastUse = async () => (await listKeys(stage.store.db)).find((each) => each.id === id)?.lastUsedAt;
    await connections('acme', key);
    const first = await lastUse();
    await connections('acme', key);
    expect(first).toBeInstanceOf(Date);
    expect(await lastUse()).toEqual(first);
    await stage.store.db.query(`update miro.api_keys set last_used_at = now() - interval '2 minutes' where id = $1`, [
      id,
    ]);
    await connections('acme', key);
    expect((await lastUse())?.getTime()).toBeGreaterThanOrEqual(first?.getTime() ?? Infinity);
  });
});

describe('the API', () => {
  const guarded = () =>
    stage.app.routes.filter(({ method, path }) => method !== 'ALL' && /^\/(v1|codec|metrics)\b/.test(path));

  it('refuses every route without a key, and with a key of no scope', async () => {
    const powerless = await stage.key({ scopes: [] });
    expect(guarded().length).toBeGreaterThan(20);
    for (const { method, path } of guarded()) {
      const bare = await stage.app.request(path, { method });
      expect([path, bare.status]).toEqual([path, 401]);
      const { status, body } = await stage.call(method, path, undefined, powerless);
      expect([path, status, body.error?.code]).toEqual([path, 403, 'scope_missing']);
    }
  });

  it('wants exactly one scope for each route', async () => {
    for (const { method, path } of guarded()) {
      const allowed = await Promise.all(
        KEY_SCOPES.map(async (scope) => {
          const { body } = await stage.call(method, path, undefined, await stage.key({ scopes: [scope] }));
          return body.error?.code !== 'scope_missing';
        }),
      );
      expect([path, allowed.filter(Boolean).length]).toEqual([path, 1]);
    }
  });

  it('answers the same for a tenant that is not there and for one that the key may not see', async () => {
    await stage.session({ tenant: 'theirs' });
    const key = await stage.key({ tenants: ['acme'] });
    const [foreign, absent] = [await connections('theirs', key), await connections('nobody', key)];
    expect(foreign.status).toBe(403);
    expect(absent.status).toBe(403);
    expect({ ...foreign.body.error, message: '', requestId: '' }).toEqual({
      ...absent.body.error,
      message: '',
      requestId: '',
    });
    expect((await connections('nobody')).body.error?.code).toBe(absent.body.error?.code);
  });

  it('keeps what is about all tenants from a key of some', async () => {
    const key = await stage.key({ tenants: ['acme'] });
    for (const path of ['/v1/events', '/v1/budget', '/v1/pauses', '/metrics'])
      expect([path, (await stage.call('GET', path, undefined, key)).body.error?.code]).toEqual([path, 'tenant_needed']);
    expect((await stage.call('PUT', '/v1/pauses', { jobKind: 'provisionBoard' }, key)).status).toBe(403);
    expect((await stage.call('GET', '/v1/budget?tenant=acme', undefined, key)).status).toBe(200);
  });

  it('names every problem of a request, and what is not known', async () => {
    const bad = await stage.call('POST', '/v1/link-sessions', { tenant: 'A B', surprise: 1 });
    expect(bad.body.error?.message).toContain('tenant must be');
    expect(bad.body.error?.message).toContain('surprise');
    expect((await stage.call('GET', '/v1/nothing')).body.error?.code).toBe('not_found');
  });

  it('shows no inside of an unforeseen error, but a request id that the log has too', async () => {
    const broken = await createGatewayStage();
    const key = await broken.key();
    await broken.store.db.query('alter table miro.connections rename to elsewhere');
    const { status, body } = await broken.call('GET', '/v1/connections?tenant=acme', undefined, key);
    expect([status, body.error?.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(body)).not.toMatch(/relation|connections"|\.ts|at /);
    expect(broken.log.at(-1)).toContain(body.error?.requestId);
    await broken.close();
  });
});

describe('limits', () => {
  it('send away whoever guesses keys, and hear whoever has a good one', async () => {
    const limited = await createGatewayStage({ limits: createLimits({ failuresPerMinute: 3 }) });
    const guess = (n: number) =>
      limited.call('GET', '/v1/connections?tenant=acme', undefined, `tmk_${'0'.repeat(11)}${n}_${'A'.repeat(43)}`);
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await guess(n)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    const blocked = await guess(9);
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(blocked.body.error?.code).toBe('too_many_requests');
    expect((await limited.call('GET', '/v1/connections?tenant=acme', undefined, await limited.key())).status).toBe(200);
    await limited.close();
  });

  it('count each key by itself', async () => {
    const limited = await createGatewayStage({ limits: createLimits({ callsPerMinute: 2 }) });
    const [one, two] = [await limited.key(), await limited.key()];
    const get = async (key: string) =>
      (await limited.call('GET', '/v1/connections?tenant=acme', undefined, key)).status;
    expect([await get(one), await get(one), await get(one), await get(two)]).toEqual([200, 200, 429, 200]);
    await limited.close();
  });
});
