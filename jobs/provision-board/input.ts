/** The door for a job's input: strict, every problem named at once, nothing written before it is passed. */
import { z } from 'zod';
import type { Placeholders, ProvisionBoardInput } from '../../contract.js';
import { blueprintProblems } from './blueprint-check.js';
import { blueprintSchema } from './blueprint.js';
import { filledSpec, missingPlaceholders } from './fill.js';
import { InvalidInput, notOneOf, problemsOf, says, shortened, shown, strict } from './problems.js';
import type { InputProblem } from './problems.js';

export { InvalidInput } from './problems.js';

/** Same as contract.ts: this folder imports its types only. */
export const INPUT_LIMIT_BYTES = 256 * 1024;
const DEEPEST = 32;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const ROLES = ['viewer', 'commenter', 'editor', 'coowner'] as const;
// What other products, and Miro's own pages, call these roles.
const ROLE_SYNONYMS: Record<string, (typeof ROLES)[number]> = {
  commentator: 'commenter',
  comment: 'commenter',
  owner: 'coowner',
  'co-owner': 'coowner',
  co_owner: 'coowner',
  admin: 'coowner',
  edit: 'editor',
  write: 'editor',
  writer: 'editor',
  view: 'viewer',
  read: 'viewer',
  reader: 'viewer',
  guest: 'viewer',
};

const miroId = z.string().regex(/^\d{1,20}$/, says('is no Miro id', 'use the digits that Miro shows, in quotes'));
const printable = (max: number, what: string) =>
  z
    .string()
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, says('holds control characters', `write ${what} on one line`))
    .min(1, says('is empty', `give ${what}`))
    .max(max, says(`is longer than ${max} characters`, `shorten ${what}`));

const BOARD_ID = /^[A-Za-z0-9_+-]{1,60}={0,2}$/;
const board = z
  .string()
  .transform(boardIdIn)
  .pipe(z.string().regex(BOARD_ID, says('is no board id', 'give one like uXjVOD6LSME=, or the address of the board')));

const role = z.enum(ROLES, { error: (issue) => (issue.input === undefined ? undefined : wrongRole(issue.input)) });
const member = strict({
  email: z
    .email(says('is no e-mail address', 'write it like anna@example.com'))
    .max(254, says('is longer than 254 characters', 'check the address'))
    .optional(),
  userId: miroId.optional(),
  role,
}).refine(
  ({ email, userId }) => (email === undefined) !== (userId === undefined),
  says('needs exactly one of email and userId', 'give one of them'),
);

const placeholderValues: z.ZodType<Placeholders> = z.lazy(() =>
  z.record(
    z.string(),
    z.union([z.string(), z.number(), placeholderValues], says('is no text, number or object', 'give one of these')),
  ),
);

const access = z.enum(['private', 'view', 'comment', 'edit']).optional();
const policy = strict({
  sharingPolicy: strict({
    access,
    organizationAccess: access,
    teamAccess: access,
    inviteToAccountAndBoardLinkAccess: z.enum(['viewer', 'commenter', 'editor', 'no_access']).optional(),
  }).optional(),
  permissionsPolicy: strict({
    copyAccess: z.enum(['anyone', 'team_members', 'team_editors', 'board_owner']).optional(),
    sharingAccess: z.enum(['team_members_with_editing_rights', 'owner_and_coowners']).optional(),
    collaborationToolsStartAccess: z.enum(['all_editors', 'board_owners_and_coowners']).optional(),
  }).optional(),
});

const template = strict({ copyFrom: board.optional(), blueprint: blueprintSchema.optional() })
  .refine(
    ({ copyFrom, blueprint }) => (copyFrom === undefined) !== (blueprint === undefined),
    says('needs exactly one of copyFrom and blueprint', 'give the board to copy or a blueprint'),
  )
  .transform(({ copyFrom, blueprint }) => (blueprint ? { blueprint } : { copyFrom: copyFrom ?? '' }));

const inputSchema = strict({
  tenant: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,62}$/,
      says('is no tenant name', 'use 1 to 63 small letters, digits, dashes and underscores'),
    ),
  connectionId: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
      says('is no connection name', 'use the name of a connection, e.g. default'),
    ),
  key: printable(200, 'the business key').refine(
    (key) => key.trim() === key,
    says('begins or ends with a blank', 'trim it'),
  ),
  idKeyCheck: z
    .string()
    .regex(/^[0-9a-f]{8}$/, says('is no key check', 'leave it to the client'))
    .optional(),
  template,
  name: printable(2000, 'the name'),
  description: z.string().optional(),
  placeholders: placeholderValues.optional(),
  teamId: miroId.optional(),
  projectId: miroId.optional(),
  policy: policy.optional(),
  members: z.array(member).optional(),
  recordUrl: z
    .string()
    .refine(
      isWebAddress,
      says('is no http(s) address without a password', 'give one like https://crm.example.com/deals/4711'),
    )
    .optional(),
  collision: z.enum(['reuse', 'fail']).optional(),
  onChange: z.enum(['report', 'apply']).optional(),
  again: strict({ after: z.int().min(1) }).optional(),
  onFailure: z.enum(['keep', 'remove']).optional(),
  deadlineMs: z
    .int()
    .min(MINUTE_MS, says('is shorter than a minute', `give ${MINUTE_MS} or more`))
    .max(90 * DAY_MS, says('is longer than 90 days', `give ${90 * DAY_MS} or less`))
    .optional(),
  planHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, says('is no plan hash', 'copy it from the plan'))
    .optional(),
});

/**
 * The input of `provisionBoard` from a caller: checked, with board addresses turned into ids.
 * @throws InvalidInput naming every problem it found; secrets are never shown.
 */
export function parseProvisionInput(raw: unknown): ProvisionBoardInput {
  refuse(sizeProblems(raw));
  const parsed = inputSchema.safeParse(raw);
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error, raw, 'input'));
  const input: ProvisionBoardInput = parsed.data;
  const unfilled = placeholderProblems(input);
  refuse([...memberProblems(input), ...unfilled, ...(unfilled.length === 0 ? filledProblems(input) : [])]);
  return input;
}

function refuse(problems: InputProblem[]): void {
  if (problems.length > 0) throw new InvalidInput(problems);
}

function sizeProblems(raw: unknown): InputProblem[] {
  const problem = (text: string, remedy: string): InputProblem[] => [{ field: 'input', problem: text, remedy }];
  try {
    const bytes = new TextEncoder().encode(JSON.stringify(raw) ?? '').length;
    if (bytes > INPUT_LIMIT_BYTES)
      return problem(
        `has ${bytes} bytes as JSON`,
        `at most ${INPUT_LIMIT_BYTES} are allowed; copy a template board instead`,
      );
  } catch {
    return problem('is no JSON', 'remove cycles and big integers');
  }
  return isDeeper(raw, DEEPEST) ? problem(`is nested deeper than ${DEEPEST} levels`, 'make it flatter') : [];
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function memberProblems({ members = [] }: ProvisionBoardInput): InputProblem[] {
  const first = new Map<string, number>();
  return members.flatMap(({ email, userId }, i) => {
    const who = email?.toLowerCase() ?? userId ?? '';
    const earlier = first.get(who);
    if (earlier === undefined) first.set(who, i);
    return earlier === undefined
      ? []
      : [
          {
            field: `members[${i}]`,
            problem: `repeats members[${earlier}] (${shown(who)})`,
            remedy: 'name each member once',
          },
        ];
  });
}

function placeholderProblems(input: ProvisionBoardInput): InputProblem[] {
  return [...missingPlaceholders(input)].map(([name, fields]) => {
    const more = fields.length > 1 ? ` and ${fields.length - 1} more` : '';
    const remedy = `give placeholders.${shortened(name, 40)}, or write \\{{ for literal braces`;
    return {
      field: `placeholders.${shortened(name, 40)}`,
      problem: `has no value, but ${fields[0]}${more} uses it`,
      remedy,
    };
  });
}

/** What only shows once the placeholders are filled in. */
function filledProblems(input: ProvisionBoardInput): InputProblem[] {
  const { name, description = '', template: filled } = filledSpec(input);
  const problems: InputProblem[] = [];
  if (name.trim() === '') problems.push({ field: 'name', problem: 'is blank', remedy: 'give the board a name' });
  if (name.length > 60) {
    problems.push({
      field: 'name',
      problem: `is ${name.length} characters long (${shown(name)})`,
      remedy: 'Miro allows 60, placeholders filled in',
    });
  }
  if (description.length > 260) {
    const remedy = "at most 260 fit, placeholders filled in: the rest of Miro's 300 holds the marker of the job";
    problems.push({ field: 'description', problem: `is ${description.length} characters long`, remedy });
  }
  return 'blueprint' in filled
    ? [...problems, ...blueprintProblems(filled.blueprint, 'template.blueprint.')]
    : problems;
}

function wrongRole(value: unknown): string {
  const synonym = typeof value === 'string' ? ROLE_SYNONYMS[value.toLowerCase()] : undefined;
  const { problem, remedy } = notOneOf(value, ROLES);
  return says(problem, synonym ? `did you mean ${synonym}? Else use one of ${ROLES.join(', ')}` : remedy);
}

/** The id in a board's address, e.g. https://miro.com/app/board/uXjVOD6LSME%3D/?moveToWidget=1; other text as it is. */
function boardIdIn(text: string): string {
  const inAddress = /^https?:\/\/[^/\s]+\/app\/board\/([A-Za-z0-9_+=%-]+)(?:[/?#]|$)/.exec(text)?.[1];
  return inAddress === undefined ? text : inAddress.replace(/%3D/gi, '=');
}

function isWebAddress(text: string): boolean {
  if (text.length > 2000 || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
