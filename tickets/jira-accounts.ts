/** Which account of Jira is a person's. */
import { z } from 'zod';
import { read } from './jira-api.js';
import type { Jira } from './jira-api.js';

const usersSchema = z.array(
  z.object({
    accountId: z.string().optional(),
    /** Cloud: `atlassian`, `app` or `customer`. */
    accountType: z.string().optional(),
    name: z.string().optional(),
    emailAddress: z.string().optional(),
    displayName: z.string().optional(),
    active: z.boolean(),
  }),
);
type User = z.infer<typeof usersSchema>[number];

/**
 * By e-mail address, else by display name; one match exactly. Cloud searches by address also where it does not show it, so one account without a
 * visible address is taken for the one asked for. @returns accountId with Cloud, user name with Data Center
 */
export async function findAccount(
  jira: Jira,
  { email, name }: { email?: string; name?: string },
): Promise<string | undefined> {
  return (
    (email && accountOf(await search(jira, email), ({ emailAddress }) => isSame(emailAddress ?? email, email))) ||
    (name && accountOf(await search(jira, name), ({ displayName }) => isSame(displayName, name))) ||
    undefined
  );
}

async function search({ config, api }: Jira, text: string): Promise<User[]> {
  const asked = config.deployment === 'cloud' ? { query: text } : { username: text };
  const answer = await api.users.findUsers<unknown>({ ...asked, maxResults: 50 });
  const users = read(usersSchema, answer, 'the search for users');
  return users.filter(({ active, accountType = 'atlassian' }) => active && accountType === 'atlassian');
}

function accountOf(users: readonly User[], fits: (user: User) => boolean): string | undefined {
  const [found, ...others] = users.filter(fits);
  return others.length === 0 ? (found?.accountId ?? found?.name) : undefined;
}

const isSame = (a: string | undefined, b: string): boolean => a?.trim().toLowerCase() === b.trim().toLowerCase();
