/** What needs no key: whether we live, and the browser snippet. */
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import type { GatewayDeps, GatewayEnv } from './deps.js';

const SNIPPET = readFileSync(new URL('./connect-miro.js', import.meta.url), 'utf8');

export function openRoutes({ db, log }: GatewayDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  app.get('/healthz', (c) => c.json({ ok: true }));

  app.get('/readyz', async (c) => {
    try {
      await db.query('select 1 from miro.tenants limit 1');
      return c.json({ ok: true });
    } catch (error) {
      log(`not ready: ${(error as Error).message}`);
      return c.json({ ok: false, error: 'the database does not answer' }, 503);
    }
  });

  // Public, and a module: pages of other origins load it only with these headers.
  app.get('/connect-miro.js', (c) =>
    c.body(SNIPPET, 200, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=3600',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    }),
  );
  return app;
}
