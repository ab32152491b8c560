/** Attaches tokens that were copied from Miro: static REST tokens and SCIM tokens. Miro is asked first. */
import { createScim, scimToken, scimUsers } from '../miro/index.js';
import { attachScim, linkAccount, type Accepted, type Connection, type LinkAnswer } from '../store/connections.js';
import type { AccountDeps } from './deps.js';
import { factsOf } from './link.js';
import { askMiro } from './miro-answers.js';

interface Named {
  tenantId: string;
  /** The connection's; made if it is new. */
  name: string;
}

/** Links a REST token that does not expire. @throws Refusal 422 when Miro refuses it, 502 */
export async function attachToken(
  deps: AccountDeps,
  { accessToken, ...named }: Named & { accessToken: string; accept?: Accepted | undefined },
): Promise<LinkAnswer> {
  const facts = await askMiro(() => factsOf(deps, accessToken));
  return await linkAccount(deps.db, deps.vault, { ...named, rest: { accessToken, facts } });
}

/** Gives the connection a SCIM token beside what it has. @throws Refusal 422 when Miro refuses it, 502 */
export async function attachScimToken(
  { db, vault, dispatcher, miroUrl, deadlineMs }: AccountDeps,
  named: Named & { scimToken: string },
): Promise<Connection> {
  const scim = createScim({ dispatcher, baseUrl: `${miroUrl}/api/v1/scim` });
  await askMiro(async () =>
    scim.send(scimUsers.list({ count: 1, attributes: 'id' }), { token: scimToken(named.scimToken), deadlineMs }),
  );
  return await attachScim(db, vault, named);
}
