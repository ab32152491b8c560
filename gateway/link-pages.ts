/** What a person's browser meets: the start of a link, the way back from Miro, and the relink page. */
import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { peekLinkSession } from '../store/link-sessions.js';
import { newSecret } from '../store/secrets.js';
import type { GatewayContext, GatewayEnv, LinkDeps } from './deps.js';
import { finishLink, startLink, type LinkEnd } from './link.js';
import { PAGES, render, type Page } from './pages.js';
import { Refusal } from './refusal.js';
import { withEnding } from './return-url.js';

const COOKIE = 'miro-link';
/** As long as a session. */
const COOKIE_SECONDS = 3_600;

/** `/link/<start token>` and `/oauth/callback`. */
export function linkPages(deps: LinkDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();

  // Changes nothing: mail scanners and previews look at links too, and whoever was lured here has not agreed yet.
  app.get('/link/:startToken', async (c) => {
    const startToken = c.req.param('startToken');
    const session = await peekLinkSession(deps.db, { startToken, browser: browserOf(deps, c) });
    if (!session) return show(c, PAGES.usedLink(), 410);
    const { returnUrl, ...named } = session;
    return show(c, PAGES.consent({ ...named, ...(returnUrl !== undefined && { host: new URL(returnUrl).host }) }));
  });

  app.post('/link/:startToken', async (c) => {
    requireOwnPage(deps, c);
    return await toMiro(deps, c, c.req.param('startToken'));
  });

  app.get('/oauth/callback', async (c) => {
    const { state = '', code, error } = c.req.query();
    const browser = browserOf(deps, c);
    const end = await finishLink(deps, { state, browser, code: error === undefined ? code : undefined });
    return end ? leave(c, end) : show(c, PAGES.usedLink(), 410);
  });
  return app;
}

/** A form of ours is sent by our own page only: a foreign page would take people to Miro without their having read ours. @throws Refusal 403 */
export function requireOwnPage({ publicUrl }: LinkDeps, c: GatewayContext): void {
  const isOwn =
    c.req.header('sec-fetch-site') === 'same-origin' || c.req.header('origin') === new URL(publicUrl).origin;
  if (isOwn) return;
  throw new Refusal(403, {
    code: 'foreign_page',
    message: 'This did not come from our own page.',
    remedy: 'Open the link in a browser, and use the button of its page.',
  });
}

/** Binds the link to this browser, and takes it to Miro. */
export async function toMiro(deps: LinkDeps, c: GatewayContext, startToken: string): Promise<Response> {
  // One browser keeps its cookie, so that two links can be under way in it.
  const browser = browserOf(deps, c) || newSecret();
  const url = await startLink(deps, { startToken, browser });
  if (url === undefined) return show(c, PAGES.usedLink(), 410);
  const { prefix, secure } = protection(deps);
  const attributes = { path: '/', httpOnly: true, sameSite: 'Lax', secure, maxAge: COOKIE_SECONDS } as const;
  setCookie(c, COOKIE, browser, prefix ? { ...attributes, prefix } : attributes);
  // A page and no redirect: browsers hold a form's redirects, also those of Miro's sign-in, against form-action.
  return show(c, PAGES.redirecting(url));
}

const browserOf = (deps: LinkDeps, c: GatewayContext): string => getCookie(c, COOKIE, protection(deps).prefix) ?? '';

// The prefix keeps other hosts of the domain from setting the cookie; browsers want it Secure then.
const protection = ({ publicUrl }: LinkDeps) =>
  publicUrl.startsWith('https:') ? { prefix: 'host' as const, secure: true } : { prefix: undefined, secure: false };

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
export async function show(c: GatewayContext, page: Page, status: ContentfulStatusCode = 200): Promise<Response> {
  return await c.html(render(page), status);
}
