/** `/relink/<token>`: what a backend or an operator sends to the person whose account's access has ended. */
import { Hono } from 'hono';
import { readRelinkToken } from '../ids.js';
import { getConnectionById, type ListedConnection } from '../store/connections.js';
import { createLinkSession } from '../store/link-sessions.js';
import type { GatewayDeps, GatewayEnv } from './deps.js';
import { callbackUrl, requireApp } from './link.js';
import { requireOwnPage, show, toMiro } from './link-pages.js';
import { PAGES } from './pages.js';

export function relinkPages(deps: GatewayDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();

  app.get('/relink/:token', async (c) => {
    const connection = await deadConnection(deps, c.req.param('token'));
    if (!connection) return show(c, PAGES.usedLink(), 410);
    return show(c, PAGES.relink(connection.rest?.names.teamName));
  });

  app.post('/relink/:token', async (c) => {
    requireApp(deps);
    requireOwnPage(deps, c);
    const connection = await deadConnection(deps, c.req.param('token'));
    if (!connection) return show(c, PAGES.usedLink(), 410);
    const { tenantId, name, rest } = connection;
    const { startToken } = await createLinkSession(deps.db, {
      ...{ tenantId, connection: name, teamId: rest?.teamId, redirectUri: callbackUrl(deps) },
    });
    return await toMiro(deps, c, startToken);
  });
  return app;
}

const GOOD_FOR_MS = 30 * 24 * 60 * 60_000;

/** The connection that the token names, while its grant is the one that the token was made for, and dead, and for not too long. */
async function deadConnection({ db, idKey }: GatewayDeps, token: string): Promise<ListedConnection | undefined> {
  const named = readRelinkToken(idKey, token);
  if (!named) return undefined;
  const connection = await getConnectionById(db, named.connectionId);
  const grant = connection?.rest;
  if (grant?.grantId !== named.grantId || grant.generation !== named.generation) return undefined;
  const isDead = grant.state === 'needs_relink' && Date.now() - Number(grant.deadSince) < GOOD_FOR_MS;
  return isDead ? connection : undefined;
}
