import { json } from '../http/answer.js';
import { ApiError, invalid, invalidField } from '../http/api-error.js';
import type { Call, Handlers } from '../http/call.js';
import { checkBody, type FieldError } from '../spec/check.js';
import { operations, type Schema } from '../spec/operations.js';
import { addItem, buildItem, type ItemInput } from '../state/items.js';
import type { Board, Item } from '../state/board.js';
import { boardOf } from './board-access.js';
import { itemView } from './item-view.js';
import { authorOf } from './items.js';

const MOST = 20;

// The specification's own schema for bulk entries merges all types into one; each type's create request is exact.
const CREATE_OPERATIONS: Record<string, string> = {
  app_card: 'create-app-card-item',
  text: 'create-text-item',
  shape: 'create-shape-item',
  sticky_note: 'create-sticky-note-item',
  image: 'create-image-item-using-url',
  document: 'create-document-item-using-url',
  card: 'create-card-item',
  frame: 'create-frame-item',
  embed: 'create-embed-item',
};

const SCHEMAS = new Map<string, Schema>(
  Object.entries(CREATE_OPERATIONS).map(([type, id]) => [type, operations.find((op) => op.id === id)?.body ?? {}]),
);

export const bulk: Handlers = {
  /** All or nothing: every entry is checked and built before the first one is put on the board. */
  'create-items': (call) => {
    const board = boardOf(call, 'editor');
    const entries = entriesOf(call.body);
    const errors = entries.flatMap((entry, i) => numbered(i, checkEntry(entry)));
    if (errors.length > 0) throw invalid(errors);
    const built = buildAll(call, board, entries as (ItemInput & { type: string })[]);
    const data = built.map((item) => itemView(call, board, addItem(call.sim, board, item)));
    return json(201, { data, type: 'bulk-list' });
  },
};

function entriesOf(body: unknown): unknown[] {
  if (!Array.isArray(body) || body.length === 0)
    throw invalidField('items', 'The request body must be an array of at least one item');
  if (body.length > MOST)
    throw invalid(
      [{ field: 'items', message: `At most ${MOST} items could be created with a single request` }],
      `At most ${MOST} items could be created with a single request`,
    );
  return body;
}

function checkEntry(entry: unknown): FieldError[] {
  const { type, ...rest } = (entry ?? {}) as { type?: unknown };
  const schema = SCHEMAS.get(String(type));
  if (schema) return checkBody(schema, rest);
  return [
    {
      field: 'type',
      message: `Unexpected value [${String(type)}], expected one of: [${[...SCHEMAS.keys()].join(', ')}]`,
    },
  ];
}

function buildAll(call: Call, board: Board, entries: (ItemInput & { type: string })[]): Item[] {
  const errors: FieldError[] = [];
  const built = entries.flatMap((entry, i) => {
    try {
      return [buildItem(call.sim, board, entry.type, entry, authorOf(call))];
    } catch (err) {
      if (!(err instanceof ApiError)) throw err;
      errors.push(...numbered(i, fieldsOf(err)));
      return [];
    }
  });
  if (errors.length > 0) throw invalid(errors);
  return built;
}

const fieldsOf = (err: ApiError): FieldError[] =>
  (err.context as { fields?: FieldError[] } | undefined)?.fields ?? [{ field: 'parent.id', message: err.message }];

const numbered = (i: number, errors: FieldError[]): FieldError[] =>
  errors.map(({ field, message }) => ({ field: `${i}.${field}`, message }));
