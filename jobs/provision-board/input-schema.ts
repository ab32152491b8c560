/** The fields of a job's input, each by itself. */
import { z } from 'zod';
import type { Placeholders } from '../../contract.js';
import { notOneOf, says, strict } from '../invalid-input.js';
import { blueprintSchema } from './blueprint.js';
import {
  boardAddress,
  connectionName,
  deadlineMs,
  idKeyCheck,
  miroId,
  planHash,
  printable,
  tenantName,
} from '../fields.js';

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

const template = strict({ copyFrom: boardAddress.optional(), blueprint: blueprintSchema.optional() })
  .refine(
    ({ copyFrom, blueprint }) => (copyFrom === undefined) !== (blueprint === undefined),
    says('needs exactly one of copyFrom and blueprint', 'give the board to copy or a blueprint'),
  )
  .transform(({ copyFrom, blueprint }) => (blueprint ? { blueprint } : { copyFrom: copyFrom ?? '' }));

export const inputSchema = strict({
  tenant: tenantName,
  connectionId: connectionName,
  key: printable(200, 'the business key').refine(
    (key) => key.trim() === key,
    says('begins or ends with a blank', 'trim it'),
  ),
  idKeyCheck: idKeyCheck.optional(),
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
  deadlineMs: deadlineMs.optional(),
  planHash: planHash.optional(),
});

function wrongRole(value: unknown): string {
  const synonym = typeof value === 'string' ? ROLE_SYNONYMS[value.toLowerCase()] : undefined;
  const { problem, remedy } = notOneOf(value, ROLES);
  return says(problem, synonym ? `did you mean ${synonym}? Else use one of ${ROLES.join(', ')}` : remedy);
}

function isWebAddress(text: string): boolean {
  if (text.length > 2000 || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
