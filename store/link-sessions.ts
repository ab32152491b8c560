/**
 * Accounts that are being linked: from the link that a backend asks for, through one person's browser and Miro's authorize page, to the one-time
 * result that the backend takes. Tokens, states, cookies and results are stored as hashes only; each step is won by compare-and-set.
 */
import { uuidv7 } from 'uuidv7';
import { json, one, type Db, type Queryable } from './db.js';
import { hashOf, newSecret } from './secrets.js';

/** How a link that replaces another is judged. */
export interface LinkAcceptance {
  otherUser?: boolean | undefined;
  fewerScopes?: boolean | undefined;
}

export interface LinkSession {
  id: string;
  tenantId: string;
  /** Name of the connection that it links. */
  connection: string;
  /** Where the browser goes at the end; absent: our own page. */
  returnUrl?: string;
  redirectUri: string;
  /** Preselected at Miro, and required of the token. */
  teamId?: string;
  accept: LinkAcceptance;
  expiresAt: Date;
}

export type LinkRefusal =
  'denied' | 'wrong_team' | 'missing_scopes' | 'other_user' | 'fewer_scopes' | 'failed' | 'expired';

/** `open`: the link waits for a browser; `started`: the person is at Miro. */
export type LinkState =
  | { state: 'open' | 'started' | 'linked' }
  /** `missing`: scopes, where they are the reason. */
  | { state: 'refused'; reason: LinkRefusal; missing?: string[] };

/** A start link is good for an hour, and each try at Miro for ten minutes: so long Miro's code lives. */
const SESSION_TTL = "interval '1 hour'";
const STATE_TTL = "interval '10 minutes'";
/** From the start of an exchange to its commit; whoever took longer is dead. */
const EXCHANGE_TTL = "interval '1 minute'";
const RESULT_TTL = "interval '10 minutes'";

const KEPT = "interval '30 days'";

/** Opens a session, and forgets the tenant's old ones. `startToken` is told only here. */
export async function createLinkSession(
  db: Db,
  { tenantId, connection, returnUrl, redirectUri, teamId, accept = {} }: Omit<NewLinkSession, 'id'>,
): Promise<LinkSession & { startToken: string }> {
  const startToken = newSecret();
  await db.query(`delete from miro.link_sessions where tenant_id = $1 and created_at < now() - ${KEPT}`, [tenantId]);
  const row = one(
    await db.query<SessionRow>(
      `insert into miro.link_sessions (tenant_id, id, connection_name, return_url, redirect_uri, team_id, accept, start_hash, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now() + ${SESSION_TTL}) returning *`,
      [
        ...[tenantId, uuidv7(), connection, returnUrl ?? null, redirectUri],
        ...[teamId ?? null, json(accept), hashOf(startToken)],
      ],
    ),
  );
  return { ...toSession(row), startToken };
}

export interface NewLinkSession {
  tenantId: string;
  connection: string;
  returnUrl?: string | undefined;
  redirectUri: string;
  teamId?: string | undefined;
  accept?: LinkAcceptance | undefined;
}

/** A link that this browser may go on with: it is not used up, not expired, and no other browser's. */
const USABLE = `start_hash = $1 and state in ('open', 'started') and expires_at > now() and coalesce(browser_hash, $2) = $2`;

/** The session that this browser's link would start; changes nothing. @returns undefined as {@link startLinkSession}, with the tenant's name */
export async function peekLinkSession(
  db: Db,
  { startToken, browser }: { startToken: string; browser: string },
): Promise<(LinkSession & { tenant: string }) | undefined> {
  const [row] = await db.query<SessionRow & { tenant: string }>(
    `select *, (select name from miro.tenants where id = tenant_id) as tenant from miro.link_sessions where ${USABLE}`,
    [hashOf(startToken), hashOf(browser)],
  );
  return row && { ...toSession(row), tenant: row.tenant };
}

/**
 * Binds the session to a browser, the first that goes on with the link, and makes the state of one try; an earlier state is void then.
 * @returns undefined for a link that is unknown, used or expired, or with which another browser has gone on.
 */
export async function startLinkSession(
  db: Db,
  { startToken, browser }: { startToken: string; browser: string },
): Promise<{ session: LinkSession; state: string } | undefined> {
  const state = newSecret();
  const [row] = await db.query<SessionRow>(
    `update miro.link_sessions set state = 'started', state_hash = $3, state_expires_at = now() + ${STATE_TTL}, browser_hash = $2
     where ${USABLE} returning *`,
    [hashOf(startToken), hashOf(browser), hashOf(state)],
  );
  return row && { session: toSession(row), state };
}

/**
 * Takes the session for the browser that comes back from Miro: of two at once one gets it.
 * @returns undefined when the state is unknown, used or expired, or belongs to another browser.
 */
export async function takeLinkSession(
  db: Db,
  { state, browser }: { state: string; browser: string },
): Promise<LinkSession | undefined> {
  const [row] = await db.query<SessionRow>(
    `update miro.link_sessions set state = 'exchanging', state_hash = null, expires_at = now() + ${EXCHANGE_TTL}
     where state_hash = $1 and browser_hash = $2 and state = 'started' and state_expires_at > now() returning *`,
    [hashOf(state), hashOf(browser)],
  );
  return row && toSession(row);
}

/** The session's end: no account was linked. */
export async function refuseLinkSession(
  db: Db,
  id: string,
  outcome: { reason: LinkRefusal; missing?: string[] },
): Promise<void> {
  await db.query(
    `update miro.link_sessions set state = 'refused', outcome = $2 where id = $1 and state = 'exchanging'`,
    [id, json(outcome)],
  );
}

/** The session's end: the account is linked. @returns the one-time result for the backend. */
export async function completeLinkSession(db: Queryable, id: string): Promise<string> {
  const result = newSecret();
  await db.query(
    `update miro.link_sessions set state = 'linked', result_hash = $2, expires_at = now() + ${RESULT_TTL} where id = $1 and state = 'exchanging'`,
    [id, hashOf(result)],
  );
  return result;
}

/** Where the session stands; undefined when the tenant has none of that id. */
export async function findLinkSession(
  db: Db,
  id: string,
): Promise<(LinkSession & LinkState & { tenant: string }) | undefined> {
  const [row] = await db.query<SessionRow & { tenant: string; expired: boolean }>(
    `select s.*, t.name as tenant, s.expires_at <= now() as expired
     from miro.link_sessions s join miro.tenants t on t.id = s.tenant_id where s.id = $1`,
    [id],
  );
  return row && { ...toSession(row), tenant: row.tenant, ...stateOf(row) };
}

/** Takes the result, once. `pending`: there is none yet, or it is another. */
export async function takeLinkResult(
  db: Db,
  { id, result }: { id: string; result: string },
): Promise<'taken' | 'gone' | 'pending'> {
  const taken = await db.query(
    `update miro.link_sessions set result_taken_at = now()
     where id = $1 and result_hash = $2 and result_taken_at is null and expires_at > now() returning id`,
    [id, hashOf(result)],
  );
  if (taken.length > 0) return 'taken';
  const known = await db.query('select id from miro.link_sessions where id = $1 and result_hash = $2', [
    id,
    hashOf(result),
  ]);
  return known.length > 0 ? 'gone' : 'pending';
}

interface SessionRow {
  id: string;
  tenant_id: string;
  connection_name: string;
  return_url: string | null;
  redirect_uri: string;
  team_id: string | null;
  accept: LinkAcceptance;
  state: 'open' | 'started' | 'exchanging' | 'linked' | 'refused';
  outcome: { reason: LinkRefusal; missing?: string[] } | null;
  expires_at: Date;
}

function toSession(row: SessionRow): LinkSession {
  return {
    ...{ id: row.id, tenantId: row.tenant_id, connection: row.connection_name, redirectUri: row.redirect_uri },
    ...{ accept: row.accept, expiresAt: row.expires_at },
    ...(row.return_url !== null && { returnUrl: row.return_url }),
    ...(row.team_id !== null && { teamId: row.team_id }),
  };
}

function stateOf({ state, outcome, expired }: SessionRow & { expired: boolean }): LinkState {
  switch (state) {
    case 'linked':
      return { state };
    case 'refused':
      return { state, reason: 'failed', ...outcome };
    case 'exchanging':
      return expired ? { state: 'refused', reason: 'failed' } : { state: 'started' };
    case 'open':
    case 'started':
      return expired ? { state: 'refused', reason: 'expired' } : { state };
  }
}
