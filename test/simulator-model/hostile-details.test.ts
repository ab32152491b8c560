import { expect, it } from 'vitest';
import { newBoard, useSimulator } from '../simulator/miro.js';

const { sim, send } = useSimulator({ creditLimit: 1e9 });

const text = (content: string): [string, string, unknown] => ['POST', 'texts', { data: { content } }];

it.each([
  ['a character that does not exist', 201, text('&#99999999999;')],
  ['a hundred thousand lines', 201, text('a\n'.repeat(100_000))],
  ['nothing but angle brackets', 201, text('<'.repeat(100_000))],
  ['links that never end', 201, text('<a href="'.repeat(10_000))],
  ['no content', 400, text(null as unknown as string)],
  ['lists as deep as they are long', 400, ['POST', 'tags', JSON.parse('['.repeat(1_000) + ']'.repeat(1_000))]],
] satisfies [string, number, [string, string, unknown]][])('takes %s', async (_, status, [method, path, body]) => {
  const board = await newBoard(send);
  expect((await send(method, `${board}/${path}`, body)).status).toBe(status);
});

it('leaves a policy as it is where nothing is asked for', async () => {
  const board = await newBoard(send);
  const before = (await send('GET', board)).body['policy'];
  await send('PATCH', board, { policy: { sharingPolicy: { access: null }, permissionsPolicy: null } });
  expect((await send('GET', board)).body['policy']).toEqual(before);
});

it.each([null, [], undefined])('refuses an export of %j', async (boardIds) => {
  const path = `/v2/orgs/${sim().orgId}/boards/export/jobs?request_id=0b7d1f9e-93a5-4d5c-9a6e-3b0f5f7f1c11`;
  expect((await send('POST', path, { boardIds })).status).toBe(400);
});

it.each([
  ['GET', '/_sim/boards/%zz.svg', undefined],
  ['POST', '/_sim/act', null],
  ['POST', '/_sim/clock', null],
  ['POST', '/_sim/clock', { advanceMs: 1e300 }],
  ['PUT', '/_sim/faults', 1],
])('refuses %s %s with %j', async (method, path, body) => {
  expect((await send(method, path, body)).status).toBe(400);
});
