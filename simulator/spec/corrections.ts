import type { Operation, Schema } from './operations.js';

/**
 * What the official file says wrongly or leaves out. Each entry names its reason; `docs/simulator.md` lists the sources.
 */

// Programs that are known to work with the live API send `origin: "center"`, though the request schema lacks it.
const position: Schema = {
  type: 'object',
  properties: { x: { type: 'number' }, y: { type: 'number' }, origin: { type: 'string', enum: ['center'] } },
};

// The schema requires a field `user` that it doesn't have.
const holdScope: Schema = {
  type: 'object',
  required: ['users'],
  properties: {
    users: {
      type: 'array',
      items: { type: 'object', required: ['email'], properties: { email: { type: 'string' } } },
    },
  },
};

// The published body of the item group operations was overwritten by the *user group* schema of the same name.
const itemGroup: Schema = {
  type: 'object',
  required: ['data'],
  properties: {
    data: { type: 'object', required: ['items'], properties: { items: { type: 'array', items: { type: 'string' } } } },
  },
};

const groupAnswer: Schema = {
  type: 'object',
  required: ['id', 'type', 'data'],
  properties: {
    id: { type: 'string' },
    type: { type: 'string', enum: ['group'] },
    data: { type: 'object', required: ['items'], properties: { items: { type: 'array', items: { type: 'string' } } } },
    links: { type: 'object' },
  },
};

const BODIES: Record<string, Schema> = { createGroup: itemGroup, updateGroup: itemGroup };
const ANSWERS: Record<string, Operation['answers']> = {
  createGroup: { '201': groupAnswer },
  updateGroup: { '200': groupAnswer },
  getGroupById: { '200': groupAnswer },
  'get-all-groups': {
    '200': { type: 'object', required: ['data'], properties: { data: { type: 'array', items: groupAnswer } } },
  },
};

const length = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

// "Level 2 per item", "Level 1 per user": said in the descriptions only.
const PER_ENTRY: Record<string, (body: unknown) => number> = {
  'create-items': length,
  'create-items-in-bulk-using-file-from-device': (body) => (body as FormData).getAll('resources').length,
  'enterprise-update-group-members': (body) => {
    const { membersToAdd, membersToRemove } = (body ?? {}) as { membersToAdd?: unknown; membersToRemove?: unknown };
    return length(membersToAdd) + length(membersToRemove);
  },
};

/** Applied to every operation while the specification is read. */
export function correct(op: Operation): Operation {
  return {
    ...op,
    body: BODIES[op.id] ?? op.body,
    perEntry: PER_ENTRY[op.id],
    ownChecks: op.id === 'create-items',
    answers: { ...op.answers, ...ANSWERS[op.id] },
  };
}

/** Replaces a schema of the specification by its true form where requests are checked. */
export const REQUEST_SCHEMAS: Record<string, Schema> = {
  PositionChange: position,
  LegalHoldRequestScopeUsers: holdScope,
};

/** Values that answers may carry and requests may not. */
export const NEVER_SENT: ReadonlySet<unknown> = new Set(['unknown']);
