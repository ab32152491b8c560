import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCodec } from '../../codec.js';
import { until } from '../provision/until.js';
import { createGatewayStage, TestBrowser, type GatewayStage } from './stage.js';

const UI = 'https://temporal.example.com';
let stage: GatewayStage;
beforeAll(async () => {
  stage = await createGatewayStage({ uiOrigin: UI });
});
afterAll(() => stage.close());

describe('events', () => {
  it('are read by cursor, by tenant and type', async () => {
    await new TestBrowser().link(stage, (await stage.session({ tenant: 'ev' })).url);
    // Transactions of other tests on the same server may hold events back for a moment.
    const { body } = await until(async () => {
      const page = await stage.call('GET', '/v1/events?tenant=ev&types=connection.linked');
      return (page.body['events'] as unknown[]).length > 0 && page;
    });
    expect(body['events']).toMatchObject([{ type: 'connection.linked', tenant: 'ev' }]);
    const next = await stage.call('GET', `/v1/events?tenant=ev&after=${String(body['cursor'])}`);
    expect(next.body['events']).toEqual([]);
    expect((await stage.call('GET', '/v1/events?after=x')).status).toBe(400);
    expect((await stage.call('GET', '/v1/events?types=board.melted')).status).toBe(400);
  });
});

describe('webhook endpoints', () => {
  it('are added, listed, rotated, enabled and removed', async () => {
    const made = await stage.call('POST', '/v1/webhook-endpoints', {
      tenant: 'acme',
      url: 'https://hooks.example.com/miro',
    });
    expect([made.status, made.body['secret']]).toEqual([201, expect.stringMatching(/^whsec_/)]);
    const path = `/v1/webhook-endpoints/acme/${String(made.body['id'])}`;
    const listed = await stage.call('GET', '/v1/webhook-endpoints?tenant=acme');
    expect(listed.body['endpoints']).toMatchObject([{ id: made.body['id'], url: 'https://hooks.example.com/miro' }]);
    expect(JSON.stringify(listed.body)).not.toContain('whsec_');
    expect((await stage.call('POST', `${path}/rotate`)).body['secret']).not.toBe(made.body['secret']);
    expect((await stage.call('POST', `${path}/enable`)).status).toBe(204);
    expect((await stage.call('DELETE', path)).status).toBe(204);
    expect((await stage.call('DELETE', path)).status).toBe(404);
  });

  it('refuse what is no address', async () => {
    expect((await stage.call('POST', '/v1/webhook-endpoints', { tenant: 'acme', url: 'ftp://x' })).status).toBe(400);
  });

  it('of another tenant are not there', async () => {
    const { body } = await stage.call('POST', '/v1/webhook-endpoints', {
      tenant: 'acme',
      url: 'https://a.example.com/',
    });
    await stage.session({ tenant: 'other' });
    expect((await stage.call('DELETE', `/v1/webhook-endpoints/other/${String(body['id'])}`)).status).toBe(404);
  });
});

describe('budget and pauses', () => {
  it('tell who used what', async () => {
    const { body } = await stage.call('GET', '/v1/budget?since=day');
    expect(body).toEqual({ since: 'day', usage: [], budgets: [] });
  });

  it('pause and resume exactly what is named', async () => {
    const put = await stage.call('PUT', '/v1/pauses', { tenant: 'acme', connection: 'default', reason: 'audit' });
    expect(put.body).toMatchObject({ tenant: 'acme', connection: 'default', reason: 'audit' });
    expect((await stage.call('GET', '/v1/pauses?tenant=acme')).body['pauses']).toEqual([put.body]);
    expect((await stage.call('DELETE', '/v1/pauses?tenant=acme')).status).toBe(404);
    expect((await stage.call('DELETE', '/v1/pauses?tenant=acme&connection=default')).status).toBe(204);
  });
});

describe('metrics', () => {
  it('count what stands in the store', async () => {
    await new TestBrowser().link(stage, (await stage.session({ tenant: 'metrics' })).url);
    const { body, headers } = await stage.call('GET', '/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    expect(body['text']).toMatch(/temporal_miro_grants\{kind="rest",state="live"\} [1-9]/);
    expect(body['text']).toContain('temporal_miro_parked_runs 0');
  });
});

describe('the codec endpoint', () => {
  const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"hello"') };
  const asJson = {
    metadata: { encoding: payload.metadata.encoding.toString('base64') },
    data: payload.data.toString('base64'),
  };

  it('decodes what the workers encoded, and back', async () => {
    stage.deps.codecKeys = `k1:${randomBytes(32).toString('base64')}`;
    const [sealed] = await createCodec(stage.deps.codecKeys).encode([payload]);
    const metadata = Object.entries(sealed?.metadata ?? {}).map(([name, value]) => [
      name,
      Buffer.from(value).toString('base64'),
    ]);
    const given = {
      metadata: Object.fromEntries(metadata) as object,
      data: Buffer.from(sealed?.data ?? []).toString('base64'),
    };
    expect((await stage.call('POST', '/codec/decode', { payloads: [given] })).body).toEqual({ payloads: [asJson] });
    const { body } = await stage.call('POST', '/codec/encode', { payloads: [asJson] });
    expect(JSON.stringify(body)).not.toContain(asJson.data);
    expect((await stage.call('POST', '/codec/decode', body)).body).toEqual({ payloads: [asJson] });
  });

  it('is for keys of all tenants, since a payload does not say whose it is', async () => {
    const key = await stage.key({ tenants: ['acme'] });
    expect((await stage.call('POST', '/codec/decode', { payloads: [] }, key)).status).toBe(403);
  });

  it('may be called by pages of the Temporal UI, and of nobody else', async () => {
    const preflight = (origin: string) =>
      fetch(`${stage.url}/codec/decode`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-namespace' },
      });
    const allowed = await preflight(UI);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(UI);
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('X-Namespace');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await stage.call('GET', '/v1/pauses')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the process', () => {
  it('says that it lives, and whether it can work', async () => {
    expect((await fetch(`${stage.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${stage.url}/readyz`)).status).toBe(200);
  });
});
