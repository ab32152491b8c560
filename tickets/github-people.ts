/** Whom GitHub knows: ourselves, and the accounts of others. */
import { z } from 'zod';
import { TicketError } from './errors.js';
import type { GithubApi } from './github-api.js';
import type { Github } from './github.js';
import type { HowToAsk } from './tracker.js';

const userSchema = z.object({ login: z.string() });
const searchSchema = z.object({ total_count: z.number(), items: z.array(userSchema) });

/** Whose token it is, asked once. A token of a GitHub App has no user: then the settings name it. */
export function ownLogin(api: GithubApi, configured: string | undefined): (how: HowToAsk) => Promise<string> {
  let known = configured;
  return async (how) => (known ??= (await api({ method: 'GET', route: '/user', answer: userSchema }, how)).data.login);
}

/** Whether issues of the repository can be assigned to the account. */
export async function isAssignable({ api, repo }: Github, login: string, how: HowToAsk): Promise<boolean> {
  const route = '/repos/{owner}/{repo}/assignees/{assignee}';
  try {
    await api({ method: 'GET', route, parameters: { ...repo, assignee: login }, answer: z.unknown() }, how);
    return true;
  } catch (error) {
    if (error instanceof TicketError && error.kind === 'not_found') return false;
    throw error;
  }
}

const EMAIL = /^[^\s"@:]+@[^\s"@:]+$/;
const LOGIN = /^[a-z\d](?:-?[a-z\d])*$/i;

/** By e-mail address, if the person shows it on GitHub; else by a name that is a login. Only who can be assigned here counts. */
export async function findGithubAccount(
  github: Github,
  { email, name }: { email?: string; name?: string },
  how: HowToAsk,
): Promise<string | undefined> {
  const byEmail = email !== undefined && EMAIL.test(email) ? await onlyOne(github.api, email, how) : undefined;
  for (const login of [byEmail, name])
    if (login !== undefined && LOGIN.test(login) && (await isAssignable(github, login, how))) return login;
  return undefined;
}

async function onlyOne(api: GithubApi, email: string, how: HowToAsk): Promise<string | undefined> {
  const parameters = { q: `"${email}" in:email type:user`, per_page: 2 };
  const { data } = await api({ method: 'GET', route: '/search/users', parameters, answer: searchSchema }, how);
  return data.total_count === 1 ? data.items[0]?.login : undefined;
}
