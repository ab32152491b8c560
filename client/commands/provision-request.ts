/** `provision`'s options as a request: `--input` says everything, single options say it better. What they must be is the job's to check. */
import type { MemberInput, Placeholders } from '../../contract.js';
import type { ProvisionRequest } from '../index.js';
import { readBlueprint, readDocument, recordOf } from './documents.js';
import { badInput } from './exit-codes.js';

export interface RequestOptions {
  input?: string;
  tenant?: string;
  connection?: string;
  key?: string;
  name?: string;
  description?: string;
  blueprint?: string;
  copyFrom?: string;
  placeholder: string[];
  placeholders?: string;
  team?: string;
  project?: string;
  policy?: string;
  member: string[];
  members?: string;
  recordUrl?: string;
  collision?: string;
  onChange?: string;
  onFailure?: string;
  again?: string;
  deadline?: string;
  planHash?: string;
}

/** @throws CommandError for what can't be read as a request; fields are checked by the library, as for every caller. */
export async function toRequest(options: RequestOptions): Promise<ProvisionRequest> {
  const base = options.input === undefined ? {} : recordOf('--input', await readDocument('--input', options.input));
  const template = await templateOf(options);
  const placeholders = await placeholdersOf(options);
  const members = await membersOf(options);
  const given = {
    tenant: options.tenant,
    connectionId: options.connection,
    key: options.key,
    template,
    name: options.name,
    description: options.description,
    placeholders: placeholders && { ...(base['placeholders'] as Placeholders | undefined), ...placeholders },
    teamId: options.team,
    projectId: options.project,
    policy: options.policy === undefined ? undefined : await readDocument('--policy', options.policy),
    members: members && [...((base['members'] as MemberInput[] | undefined) ?? []), ...members],
    recordUrl: options.recordUrl,
    collision: options.collision,
    onChange: options.onChange,
    onFailure: options.onFailure,
    again: options.again === undefined ? undefined : { after: Number(options.again) },
    deadlineMs: options.deadline === undefined ? undefined : durationMs('--deadline', options.deadline),
    planHash: options.planHash,
  };
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(set) } as ProvisionRequest;
}

async function templateOf({ blueprint, copyFrom }: RequestOptions): Promise<object | undefined> {
  if (blueprint !== undefined && copyFrom !== undefined)
    throw badInput('--blueprint and --copy-from exclude each other; give one of them');
  if (copyFrom !== undefined) return { copyFrom };
  return blueprint === undefined ? undefined : { blueprint: await readBlueprint(blueprint) };
}

async function placeholdersOf({ placeholder, placeholders }: RequestOptions): Promise<Placeholders | undefined> {
  if (placeholder.length === 0 && placeholders === undefined) return undefined;
  const fromFile =
    placeholders === undefined ? {} : recordOf('--placeholders', await readDocument('--placeholders', placeholders));
  return {
    ...(fromFile as Placeholders),
    ...Object.fromEntries(placeholder.map((text) => pairOf('--placeholder', text, '='))),
  };
}

async function membersOf({ member, members }: RequestOptions): Promise<MemberInput[] | undefined> {
  if (member.length === 0 && members === undefined) return undefined;
  const fromFile = members === undefined ? [] : await readDocument('--members', members);
  if (!Array.isArray(fromFile))
    throw badInput('--members holds no list; write one entry a line: - anna@example.com:editor');
  return [...(fromFile as unknown[]), ...member].map((entry) =>
    typeof entry === 'string' ? memberOf(entry) : (entry as MemberInput),
  );
}

/** `anna@example.com:editor`, or a Miro user id in place of the e-mail. */
function memberOf(text: string): MemberInput {
  const [who, role] = pairOf('--member', text, ':');
  return { ...(/^\d+$/.test(who) ? { userId: who } : { email: who }), role: role as MemberInput['role'] };
}

const EXAMPLES = { '=': 'project.name=Apollo', ':': 'anna@example.com:editor' };

// A value may hold the separator, the other half never does.
function pairOf(option: string, text: string, separator: keyof typeof EXAMPLES): [string, string] {
  const at = separator === '=' ? text.indexOf(separator) : text.lastIndexOf(separator);
  if (at <= 0) throw badInput(`${option} ${text} has no "${separator}"; write it like ${EXAMPLES[separator]}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `12h`, `7d`. */
export function durationMs(option: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (number === undefined) throw badInput(`${option} ${text} is no duration; write it like 90s, 30m, 12h or 7d`);
  return Math.round(Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS]);
}
