import { expect, it } from 'vitest';
import { newBoard, useSimulator } from '../simulator/miro.js';

const { send } = useSimulator();

it('refuses a frame inside a frame, so that nobody holds themselves', async () => {
  const board = await newBoard(send);
  const frame = async (): Promise<string> =>
    (await send('POST', `${board}/frames`, { data: { title: 'F' } })).body['id']!;
  const [outer, inner] = [await frame(), await frame()];
  for (const id of [outer, inner]) {
    const body = { parent: { id: outer }, position: { x: 400, y: 225 } };
    expect((await send('PATCH', `${board}/items/${id}`, body)).status).toBe(400);
  }
});
