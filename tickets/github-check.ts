import { z } from 'zod';
import { TicketError } from './errors.js';
import type { Github } from './github.js';
import { isAssignable } from './github-people.js';
import type { HowToAsk, TrackerProblem, Wanted } from './tracker.js';

const repositorySchema = z.object({
  has_issues: z.boolean(),
  archived: z.boolean(),
  permissions: z.object({ push: z.boolean().optional(), triage: z.boolean().optional() }).optional(),
});
type Repository = z.infer<typeof repositorySchema>;

/** Token, repository, rights and assignees. @returns what is wrong with them; what may pass by itself, such as a rate limit, is thrown. */
export async function checkGithub(github: Github, wanted: Wanted, how: HowToAsk): Promise<TrackerProblem[]> {
  const problems: TrackerProblem[] = [];
  const login = await orProblem(problems, () => github.login(how), appHint);
  if (login === undefined) return problems;
  const { repo: parameters, api } = github;
  const answer = await orProblem(problems, () =>
    api({ method: 'GET', route: '/repos/{owner}/{repo}', parameters, answer: repositorySchema }, how),
  );
  if (!answer) return problems.map(({ what, remedy }) => ({ what: `${github.config.repository}: ${what}`, remedy }));
  problems.push(...problemsOf(github, answer.data, login));
  for (const assignee of wanted.assignees)
    if (!(await isAssignable(github, assignee, how)))
      problems.push({
        what: `issues of ${github.config.repository} cannot be assigned to ${assignee}`,
        remedy: 'give the account access to the repository, or map the person to another one',
      });
  return problems;
}

/** A token of a GitHub App may not ask who it is. */
const appHint = ({ status, remedy }: TicketError): string | undefined =>
  status === 401 || status === 403
    ? `${remedy}; if it is a token of a GitHub App, give its name as login in the settings: <app>[bot]`
    : remedy;

function problemsOf(
  { config }: Github,
  { has_issues, archived, permissions }: Repository,
  login: string,
): TrackerProblem[] {
  const problems: TrackerProblem[] = [];
  const { repository } = config;
  if (archived)
    problems.push({ what: `${repository} is archived`, remedy: 'unarchive it, or take another repository' });
  if (!has_issues)
    problems.push({ what: `${repository} has no issues`, remedy: 'turn issues on in the settings of the repository' });
  // What an App may do is not told here: its rights to issues are its own.
  if (config.login === undefined && permissions?.push === false)
    problems.push({
      what: `${login} has no write access to ${repository}: GitHub would drop labels and assignees silently`,
      remedy: 'give the account write access to the repository',
    });
  return problems;
}

/** What stays wrong until somebody mends it becomes a problem. */
async function orProblem<T>(
  problems: TrackerProblem[],
  work: () => Promise<T>,
  remedyOf = ({ remedy }: TicketError): string | undefined => remedy,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TicketError) || !['unauthorized', 'forbidden', 'not_found', 'invalid'].includes(error.kind))
      throw error;
    problems.push({ what: error.message, remedy: remedyOf(error) ?? 'look at the settings of the tracker' });
    return undefined;
  }
}
