import { json } from '../http/answer.js';
import { ApiError, invalid, invalidField } from '../http/api-error.js';
import type { Call, Handlers } from '../http/call.js';
import { checkBody } from '../spec/check.js';
import { operations, resolve, type Schema } from '../spec/operations.js';
import { addItem, buildItem, updateItem, type ItemInput } from '../state/items.js';
import type { Board, Item } from '../state/board.js';
import { boardOf } from './board-access.js';
import { itemView } from './item-view.js';
import { authorOf, itemOf } from './items.js';

const MOST_BYTES = 6 * 1024 * 1024;
const MOST_FILES = 20;

/** Images and documents from the device: a file and, beside it, its data as JSON. */
export const uploads: Handlers = {
  ...uploadsOf('image', 'create-image-item-using-local-file', 'update-image-item-using-file-from-device'),
  ...uploadsOf(
    'document',
    'create-document-item-using-file-from-device',
    'update-document-item-using-file-from-device',
  ),

  /** `data` describes the items in the order of `resources`. */
  'create-items-in-bulk-using-file-from-device': async (call) => {
    const board = boardOf(call, 'editor');
    const form = call.body as FormData;
    const files = form.getAll('resources').filter((part) => part instanceof Blob);
    if (files.length === 0 || files.length > MOST_FILES)
      throw invalidField('resources', `Between 1 and ${MOST_FILES} files can be sent`);
    for (const file of files) requireSize(file);
    const described = (await readJson(form.get('data'), 'data')) as (ItemInput & { type?: string })[];
    if (!Array.isArray(described) || described.length !== files.length)
      throw invalidField('data', 'Field [data] must describe each file');
    const built = files.map((file, i) => build(call, board, described[i]?.type ?? 'image', file, described[i] ?? {}));
    return json(201, {
      data: built.map((item) => itemView(call, board, addItem(call.sim, board, item))),
      type: 'bulk-list',
    });
  },
};

function uploadsOf(type: 'image' | 'document', create: string, update: string): Handlers {
  return {
    [create]: async (call) => {
      const board = boardOf(call, 'editor');
      const form = call.body as FormData;
      const item = build(call, board, type, requiredFile(form), await dataOf(form, create));
      return json(201, itemView(call, board, addItem(call.sim, board, item)));
    },
    [update]: async (call) => {
      const board = boardOf(call, 'editor');
      const item = itemOf(call, board, type);
      const form = call.body as FormData;
      const file = form.get('resource');
      const sent = await dataOf(form, update);
      const input = file instanceof Blob ? withFile(file, sent) : inputOf(sent);
      updateItem(call.sim, board, item, input, authorOf(call));
      return json(200, itemView(call, board, item));
    },
  };
}

/** In an upload the item's title stands beside position and geometry. */
interface UploadData extends ItemInput {
  title?: string;
  altText?: string;
}

function build(call: Call, board: Board, type: string, file: Blob, sent: UploadData): Item {
  return buildItem(call.sim, board, type, withFile(file, sent), authorOf(call));
}

function withFile(file: Blob, sent: UploadData): ItemInput {
  requireSize(file);
  const input = inputOf(sent);
  const name = file instanceof File ? file.name : 'file';
  return { ...input, data: { title: name, ...input.data, url: `device:${name}` } };
}

const inputOf = ({ title, altText: _, position, geometry, parent }: UploadData): ItemInput => ({
  ...(title !== undefined && { data: { title } }),
  position,
  geometry,
  parent,
});

function requiredFile(form: FormData): Blob {
  const file = form.get('resource');
  if (file instanceof Blob) return file;
  throw invalidField('resource', 'Field [resource] is required');
}

function requireSize(file: Blob): void {
  if (file.size > MOST_BYTES) throw new ApiError(413, 'payloadTooLarge', 'The file must have at most 6 MB');
}

async function dataOf(form: FormData, operation: string): Promise<UploadData> {
  const part = form.get('data');
  if (part === null) return {};
  const data = await readJson(part, 'data');
  const body = operations.find(({ id }) => id === operation)?.body ?? {};
  const fields = checkBody(dataSchema(body), data, 'data');
  if (fields.length > 0) throw invalid(fields);
  return data as UploadData;
}

const dataSchema = (body: Schema): Schema => resolve(body).properties?.['data'] ?? {};

async function readJson(part: ReturnType<FormData['get']>, field: string): Promise<unknown> {
  const text = part === null ? '' : typeof part === 'string' ? part : await part.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidField(field, `Field [${field}] must be JSON`);
  }
}
