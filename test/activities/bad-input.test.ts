/** Bad input ends the job with one sentence that names the field, its problem and the remedy, before anything is written. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestStore, type TestStore } from '../store/database.js';
import { createStage, failureOf, type Stage } from './stage.js';

let store: TestStore;
let stage: Stage;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  stage = await createStage(store);
});
afterEach(() => stage.close());

const frame = { id: 'f', title: 'Frame', position: { x: 0, y: 0 }, geometry: { width: 400, height: 400 } };
const item = (changes: object) => ({
  template: {
    blueprint: {
      version: 1,
      frames: [frame],
      items: [{ id: 'a', type: 'sticky_note', frame: 'f', position: { x: 200, y: 200 }, ...changes }],
    },
  },
});

/** What is wrong, the input, and what the sentence must say. */
const REFUSED: [string, object, RegExp][] = [
  ['an unknown field', { colour: 'red' }, /colour/],
  ['an unknown field of an item', item({ colour: 'red' }), /items\[0\].*colour/],
  ['an item outside its frame', item({ position: { x: 390, y: 200 } }), /items\[0\].*frame/],
  ['an item in a frame that is not there', item({ frame: 'g' }), /items\[0\]\.frame/],
  ['a name of 61 characters', { name: 'x'.repeat(61) }, /name.*61.*60/],
  ['a name that placeholders make too long', { name: '{{p}}', placeholders: { p: 'x'.repeat(61) } }, /name.*61.*60/],
  ['a blank name', { name: ' ' }, /name.*blank/],
  ['a placeholder without a value', { name: 'Board of {{project.name}}' }, /placeholders\.project\.name.*give/],
  ['a description of 261 characters', { description: 'x'.repeat(261) }, /description.*261.*260/],
  [
    'an e-mail that is none',
    { members: [{ email: 'anna@', role: 'editor' }] },
    /members\[0\]\.email.*anna@example\.com/,
  ],
  ['a role that Miro has not', { members: [{ email: 'a@example.com', role: 'boss' }] }, /members\[0\]\.role/],
  ['a template id with a slash', { template: { copyFrom: 'uXjV/../x' } }, /template\.copyFrom.*uXjVOD6LSME=/],
  ['a team id with a slash', { teamId: '12/34' }, /teamId.*digits/],
  ['a record address that is none', { recordUrl: 'crm/4711' }, /recordUrl/],
  ['a blueprint of another version', { template: { blueprint: { version: 2 } } }, /version/],
];

const writes = async () => (await stage.requests()).filter(({ method }) => method !== 'GET');

it.each(REFUSED)('refuses %s', async (_, changes, says) => {
  const failure = await failureOf(stage.open(changes));
  expect(failure).toMatchObject({ type: 'Input.refused', nonRetryable: true });
  expect(failure.message).toMatch(says);
  expect(failure.message.split('\n')).toHaveLength(1);
  expect(failure.message).toMatch(/^\S+ .+: .+\.$/); // field, problem: remedy.
  expect(await writes()).toEqual([]);
});

it('refuses a connection that the tenant does not have', async () => {
  const failure = await failureOf(stage.open({ connectionId: 'other' }));
  expect(failure).toMatchObject({ type: 'Connection.unknown', nonRetryable: true });
  expect(failure.message).toContain('connectionId');
});

it('refuses a caller with another installation key', async () => {
  const failure = await failureOf(stage.open({ idKeyCheck: '00000000' }));
  expect(failure).toMatchObject({ type: 'Installation.mismatch', nonRetryable: true });
  expect(failure.message).toContain('TEMPORAL_MIRO_ID_KEY');
  expect(await writes()).toEqual([]);
});

it('refuses a template that the token cannot see, before the board is made', async () => {
  const { id } = await stage.act('create-board', { as: 'goran@nordlicht.example', name: 'Hidden' });
  for (const copyFrom of [id, 'uXjVNoSuch0=']) {
    const { jobId } = await stage.open({ template: { copyFrom } });
    const failure = await failureOf(stage.untilDone((activities) => activities.checkTemplate({ jobId })));
    expect(failure).toMatchObject({ type: 'Template.missing', nonRetryable: true });
    expect(failure.message).toMatch(/^template\.copyFrom: .*; share it/);
  }
  expect(await writes()).toEqual([]);
});

it('refuses a placeholder of the template that has no value, before the board is made', async () => {
  const { id } = await stage.act('create-board', { name: 'Template' });
  await stage.act('add-sticky', { boardId: id, content: 'For {{customer}}' });
  const { jobId } = await stage.open({ template: { copyFrom: id }, placeholders: { project: 'Apollo' } });
  const failure = await failureOf(stage.untilDone((activities) => activities.checkTemplate({ jobId })));
  expect(failure).toMatchObject({ type: 'Input.refused', nonRetryable: true });
  expect(failure.message).toMatch(/^placeholders: .*\{\{customer\}\}.*; give/);
  expect(await writes()).toEqual([]);
});

it('refuses a team and a project that the user does not belong to, and makes no board', async () => {
  const before = (await stage.state()).boards.length;
  for (const place of [{ teamId: '999' }, { projectId: '999' }]) {
    const { jobId } = await stage.open(place);
    const failure = await failureOf(stage.untilDone((activities) => activities.ensureBoard({ jobId })));
    expect(failure).toMatchObject({ type: 'Board.refused', nonRetryable: true });
    expect(failure.message).toContain('999');
    expect(failure.message).toContain('use a team and project that this Miro user belongs to');
  }
  expect((await stage.state()).boards).toHaveLength(before);
});
