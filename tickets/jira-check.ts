/** What would go wrong with a tracker's settings, found out without writing. */
import { z } from 'zod';
import { TicketError } from './errors.js';
import { read } from './jira-api.js';
import type { Jira } from './jira-api.js';
import type { TrackerProblem, Wanted } from './tracker.js';

const named = z.object({ name: z.string() });
/** Cloud calls the lists of its pages issueTypes and fields, Data Center values. */
const typesPage = z.object({
  issueTypes: z.array(named.extend({ id: z.string() })).optional(),
  values: z.array(named.extend({ id: z.string() })).optional(),
});
const fieldSchema = named.extend({
  fieldId: z.string(),
  required: z.boolean(),
  hasDefaultValue: z.boolean().optional(),
  allowedValues: z.array(z.looseObject({ name: z.string().optional() })).optional(),
});
type Field = z.infer<typeof fieldSchema>;
const fieldsPage = z.object({ fields: z.array(fieldSchema).optional(), values: z.array(fieldSchema).optional() });
const linkTypesSchema = z.object({ issueLinkTypes: z.array(named) });
const permissionsSchema = z.object({ permissions: z.record(z.string(), z.object({ havePermission: z.boolean() })) });
const assignableSchema = z.array(z.object({ accountId: z.string().optional(), name: z.string().optional() }));

/** More types, or fields of a type, has no project that works. */
const PAGE = 200;
/** Filled by every ticket; the reporter is the account of the token unless told otherwise. */
const ALWAYS_FILLED = ['project', 'issuetype', 'summary', 'description', 'labels', 'reporter'];
/** Without labels no ticket would be found again. */
const ALWAYS_SENT = ['summary', 'description', 'labels'];

/** @throws TicketError only for what another attempt may mend: no answer, too many requests */
export async function checkJira(jira: Jira, wanted: Wanted): Promise<TrackerProblem[]> {
  const { config, api } = jira;
  const noAccount = await problemOf(() => api.myself.getCurrentUser<unknown>());
  if (noAccount) return [noAccount];
  const noProject = await problemOf(() => api.projects.getProject<unknown>({ projectIdOrKey: config.project }));
  if (noProject)
    return [
      {
        what: `Jira shows the account no project ${config.project}: ${noProject.what}`,
        remedy: 'give the key of a project that is there, and the account the permission to browse it',
      },
    ];
  return [
    ...(await checkPermissions(jira)),
    ...(await checkLinkType(jira)),
    ...(await checkTypes(jira, wanted)),
    ...(await checkParents(jira, wanted)),
    ...(await checkAssignees(jira, wanted)),
  ];
}

async function checkPermissions({ config, api }: Jira): Promise<TrackerProblem[]> {
  const needed = ['CREATE_ISSUES', 'EDIT_ISSUES', 'ADD_COMMENTS', 'LINK_ISSUES'];
  const answer = await api.permissions.getMyPermissions<unknown>({
    projectKey: config.project,
    permissions: needed.join(','),
  });
  const { permissions } = read(permissionsSchema, answer, 'mypermissions');
  const missing = needed.filter((permission) => permissions[permission]?.havePermission !== true);
  if (missing.length === 0) return [];
  return [
    {
      what: `the account may not do all that is needed in ${config.project}: it lacks ${missing.join(', ')}`,
      remedy: 'give it these permissions in the permission scheme of the project',
    },
  ];
}

async function checkLinkType({ config, api }: Jira): Promise<TrackerProblem[]> {
  const answer = await api.linkTypes.getIssueLinkTypes<unknown>();
  const { issueLinkTypes } = read(linkTypesSchema, answer, 'issueLinkType');
  const names = issueLinkTypes.map(({ name }) => name);
  return names.includes(config.linkType)
    ? []
    : [unknown('type of link', config.linkType, names, 'set linkType to one of these')];
}

async function checkTypes(jira: Jira, wanted: Wanted): Promise<TrackerProblem[]> {
  const { config, api } = jira;
  const answer = await api.issues.getCreateIssueMetaIssueTypes<unknown>({
    projectIdOrKey: config.project,
    maxResults: PAGE,
  });
  const page = read(typesPage, answer, 'createmeta');
  const known = page.issueTypes ?? page.values ?? [];
  const problems: TrackerProblem[] = [];
  for (const name of new Set(wanted.types.length > 0 ? wanted.types : [config.type])) {
    const type = known.find((each) => each.name === name);
    if (type) problems.push(...(await checkFields(jira, type, wanted)));
    else
      problems.push(
        unknown(
          `type of issue in ${config.project}`,
          name,
          known.map((each) => each.name),
          'map to one of these',
        ),
      );
  }
  return problems;
}

async function checkFields(
  { config, api }: Jira,
  type: { id: string; name: string },
  wanted: Wanted,
): Promise<TrackerProblem[]> {
  const answer = await api.issues.getCreateIssueMetaIssueTypeId<unknown>({
    projectIdOrKey: config.project,
    issueTypeId: type.id,
    maxResults: PAGE,
  });
  const page = read(fieldsPage, answer, 'createmeta');
  const fields = page.fields ?? page.values ?? [];
  const optional = (['priorities', 'parents', 'assignees'] as const).filter((list) => wanted[list].length > 0);
  const sent = [...ALWAYS_SENT, ...optional.map((list) => FIELD_OF[list]), ...wanted.fields];
  return [
    ...unfilled(type.name, fields, sent),
    ...offScreen(type.name, fields, sent),
    ...priorityProblems(fields, wanted),
  ];
}

const FIELD_OF = { priorities: 'priority', parents: 'parent', assignees: 'assignee' } as const;

function unfilled(type: string, fields: readonly Field[], sent: readonly string[]): TrackerProblem[] {
  return fields
    .filter(({ required, hasDefaultValue }) => required && hasDefaultValue !== true)
    .filter(({ fieldId }) => !ALWAYS_FILLED.includes(fieldId) && !sent.includes(fieldId))
    .map(({ fieldId, name }) => ({
      what: `${type} needs the field "${name}" (${fieldId}), which the mapping does not fill`,
      remedy: `add ${fieldId} to the fields of the mapping, or make it optional in Jira`,
    }));
}

function offScreen(type: string, fields: readonly Field[], sent: readonly string[]): TrackerProblem[] {
  return [...new Set(sent)]
    .filter((id) => !fields.some(({ fieldId }) => fieldId === id))
    .map((id) => ({
      what: `${type} has no field ${id} on its screen for creating, so Jira would refuse it`,
      remedy: ALWAYS_SENT.includes(id)
        ? `put ${id} on the screen`
        : `put ${id} on the screen, or take it out of the mapping`,
    }));
}

function priorityProblems(fields: readonly Field[], wanted: Wanted): TrackerProblem[] {
  const allowed = fields.find(({ fieldId }) => fieldId === 'priority')?.allowedValues;
  if (!allowed) return [];
  const names = allowed.map(({ name }) => name ?? '');
  return wanted.priorities
    .filter((name) => !names.includes(name))
    .map((name) => unknown('priority', name, names, 'map to one of these'));
}

async function checkParents({ api }: Jira, { parents }: Wanted): Promise<TrackerProblem[]> {
  const problems: TrackerProblem[] = [];
  for (const parent of parents) {
    const gone = await problemOf(() => api.issues.getIssue<unknown>({ issueIdOrKey: parent, fields: ['issuetype'] }));
    if (gone)
      problems.push({
        what: `Jira shows the account no issue ${parent} to be a parent`,
        remedy: 'map to the key of an issue that is there',
      });
  }
  return problems;
}

async function checkAssignees({ config, api }: Jira, { assignees }: Wanted): Promise<TrackerProblem[]> {
  const problems: TrackerProblem[] = [];
  for (const account of assignees) {
    const asked = config.deployment === 'cloud' ? { accountId: account } : { username: account };
    const answer = await api.users.findAssignableUsers<unknown>({ project: config.project, ...asked });
    const users = read(assignableSchema, answer, 'assignable users');
    if (!users.some(({ accountId, name }) => (accountId ?? name) === account))
      problems.push({
        what: `nothing in ${config.project} can be assigned to the account ${account}`,
        remedy: 'map the person to another account, or give this one the permission to be assigned',
      });
  }
  return problems;
}

/** What the request is refused with, if it is. */
async function problemOf(request: () => Promise<unknown>): Promise<TrackerProblem | undefined> {
  try {
    await request();
    return undefined;
  } catch (error) {
    const settled = ['unauthorized', 'forbidden', 'not_found', 'invalid'];
    if (!(error instanceof TicketError && settled.includes(error.kind))) throw error;
    return { what: error.message, remedy: error.remedy ?? 'check the settings of the tracker' };
  }
}

const unknown = (what: string, name: string, known: readonly string[], remedy: string): TrackerProblem => ({
  what: `Jira has no ${what} named "${name}"; it has ${known.join(', ')}`,
  remedy,
});
