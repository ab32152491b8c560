/** The compared part of an input, and its canonical text for hashing. */
import type { BoardSpec, MemberInput, ProvisionBoardInput } from '../../contract.js';

/** What two calls of one key are compared by: members in one order, e-mails in small letters, nothing undefined. */
export function specOf(input: ProvisionBoardInput): BoardSpec {
  const { template, name, description, placeholders, teamId, projectId, policy, members, recordUrl } = input;
  const sorted = members?.map(normalised).sort((a, b) => (memberName(a) < memberName(b) ? -1 : 1));
  const spec = { template, name, description, placeholders, teamId, projectId, policy, members: sorted, recordUrl };
  return JSON.parse(canonicalJson(spec)) as BoardSpec;
}

/** E-mail or user id: what a member is known by. */
export const memberName = ({ email, userId }: MemberInput): string => email ?? userId ?? '';

function normalised({ email, userId, role }: MemberInput): MemberInput {
  return email === undefined ? { userId, role } : { email: email.toLowerCase(), role };
}

/**
 * JSON with sorted keys and without undefined fields: equal data, equal text.
 * @throws TypeError for what JSON can't hold (functions, bigint, NaN).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
  }
  const finite = typeof value !== 'number' || Number.isFinite(value);
  if (finite && ['string', 'number', 'boolean'].includes(typeof value)) return JSON.stringify(value);
  if (value === null) return 'null';
  throw new TypeError(`JSON can't hold a ${typeof value}`);
}
