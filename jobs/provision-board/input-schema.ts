/** The fields of a job's input, each by itself. */
import { z } from 'zod';
import type { Placeholders } from '../../contract.js';
import { blueprintSchema } from './blueprint.js';
import { notOneOf, says, strict } from './problems.js';

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

export const inputSchema = strict({
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
