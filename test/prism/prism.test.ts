import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, type Call, type ScimCall } from '../../miro/index.js';
import { calls } from '../miro/sample-calls.js';
import { startPrism, type Prism } from './prism.js';
import { generalCalls } from './samples.js';

let prism: Prism;
beforeAll(async () => {
  prism = await startPrism();
}, 90_000);
afterAll(() => prism.close());

const REFUSED = [undefined, 400, 401, 404, 405, 415, 422];

it('is heard where a request is wrong: its body, its query, its path', async () => {
  const sent = (made: Call<unknown>) => prism.statusOf(made);
  const board = { board_id: 'b' };
  const content = { data: { content: 7 } };
  expect(await sent(call('create-sticky-note-item', { path: board, body: content }))).toBe(400);
  expect(await sent(call('get-boards', { query: { sort: 'by chance' } }))).toBe(400);
  expect(await sent({ ...call('get-boards', {}), path: '/v2/users/me' })).toBe(404);
});

const WRONG_GROUP = 'has the body of a user group; Miro takes {data: {items}}';
const ONE_TEXT = 'wants the value to equal one example text';
const NO_SUCH_FIELD = 'requires a field that the schema does not have';

const FORM = 'Prism takes the JSON part of a form for a text, which is no object';

/** Requests that Prism refuses because the specification is wrong about them, or Prism is. */
const FAULTS: Record<string, string> = {
  'get-items-within-frame': 'on the wire the same path as get-items, which knows fewer values of type',
  'create-document-item-using-file-from-device': FORM,
  'update-document-item-using-file-from-device': FORM,
  'create-image-item-using-local-file': FORM,
  'update-image-item-using-file-from-device': FORM,
  'create-legal-hold': NO_SUCH_FIELD,
  'edit-legal-hold': NO_SUCH_FIELD,
  patchGroup: ONE_TEXT,
  'scimGroups.patch': ONE_TEXT,
  'scimUsers.create': 'knows one schema; RFC 7643 §3.3 asks to name the extension that the body uses',
  'itemGroups.create': WRONG_GROUP,
  'itemGroups.replace': WRONG_GROUP,
};

const samples: (readonly [string, Call<unknown> | ScimCall<unknown>])[] = [...generalCalls, ...calls];
it.each(samples)('a request is as specified, or the specification is known to be wrong: %s', async (name, made) => {
  const status = await prism.statusOf(made);
  if (FAULTS[name]) expect(status, 'mended: take it off the list').toBe(400);
  else expect(REFUSED).not.toContain(status);
});
