/** What a person's browser meets: the start of a link, the way back from Miro, and the relink page. */
import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { newSecret } from '../store/link-sessions.js';
import type { GatewayContext, GatewayEnv, LinkDeps } from './deps.js';
import { finishLink, startLink, type LinkEnd } from './link.js';
import { PAGES, render, type Page } from './pages.js';
import { withEnding } from './return-url.js';

const COOKIE = 'miro-link';
/** As long as a session. */
const COOKIE_SECONDS = 3_600;

/** `/link/<start token>` and `/oauth/callback`. */
export function linkPages(deps: LinkDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  const secure = deps.publicUrl.startsWith('https:');
  // The prefix keeps other hosts of the domain from setting it; browsers want it Secure then.
  const prefix = secure ? 'host' : undefined;

  app.get('/link/:startToken', async (c) => {
    // Mail scanners and previews ask so; the link must stay unopened.
    if (c.req.method === 'HEAD') return c.body(null);
    // One browser keeps its cookie, so that two links can be under way in it.
    const browser = getCookie(c, COOKIE, prefix) || newSecret();
    const url = await startLink(deps, { startToken: c.req.param('startToken'), browser });
    if (url === undefined) return show(c, PAGES.usedLink(), 410);
    const attributes = { path: '/', httpOnly: true, sameSite: 'Lax', secure, maxAge: COOKIE_SECONDS } as const;
    setCookie(c, COOKIE, browser, prefix ? { ...attributes, prefix } : attributes);
    return c.redirect(url);
  });

  app.get('/oauth/callback', async (c) => {
    const { state = '', code, error } = c.req.query();
    const browser = getCookie(c, COOKIE, prefix) ?? '';
    const end = await finishLink(deps, { state, browser, code: error === undefined ? code : undefined });
    return end ? leave(c, end) : show(c, PAGES.usedLink(), 410);
  });
  return app;
}

function leave(c: GatewayContext, end: LinkEnd): Response | Promise<Response> {
  const { returnUrl } = end.session;
  if (end.state === 'linked') {
    return returnUrl === undefined
      ? show(c, PAGES.linked())
      : c.redirect(withEnding(returnUrl, { result: end.result }));
  }
  const { reason, missing } = end;
  if (returnUrl !== undefined) return c.redirect(withEnding(returnUrl, { error: reason }));
  return show(c, reason === 'failed' ? PAGES.failed(c.get('requestId')) : PAGES.refused(reason, missing), 403);
}

/** Answers with a page of ours. */
export function show(
  c: GatewayContext,
  page: Page,
  status: 200 | 403 | 404 | 410 | 500 | 503 = 200,
): Response | Promise<Response> {
  return c.html(render(page), status);
}
