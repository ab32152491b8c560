import type { MiroLowlevelApi } from '@mirohq/miro-api';
import { describe, expect, it } from 'vitest';
import { byId, refused, useOfficialClient } from './client.js';

const client = useOfficialClient();

type Api = InstanceType<typeof MiroLowlevelApi>;
type Made = Promise<{ body: { id?: string } }>;

/** One type of item: what the client sends, and what must be on the board afterwards. */
interface Kind {
  create: (api: Api, board: string) => Made;
  made: object;
  get: (api: Api, board: string, id: string) => Made;
  update: (api: Api, board: string, id: string) => Made;
  changed: object;
  remove: (api: Api, board: string, id: string) => Promise<unknown>;
}

const address = expect.stringMatching(/^https:/) as unknown;

const KINDS: Record<string, Kind> = {
  sticky_note: {
    create: (api, board) =>
      api.createStickyNoteItem(board, {
        data: { content: 'Idea', shape: 'rectangle' },
        style: { fillColor: 'cyan', textAlign: 'left' },
        position: { x: 10, y: 20 },
        geometry: { width: 350 },
      }),
    made: {
      data: { content: '<p>Idea</p>', shape: 'rectangle' },
      style: { fillColor: 'cyan', textAlign: 'left', textAlignVertical: 'top' },
      position: { x: 10, y: 20, origin: 'center', relativeTo: 'canvas_center' },
      geometry: { width: 350, height: 228 },
    },
    get: (api, board, id) => api.getStickyNoteItem(board, id),
    update: (api, board, id) => api.updateStickyNoteItem(board, id, { data: { content: 'Better' } }),
    changed: { data: { content: '<p>Better</p>', shape: 'rectangle' }, style: { fillColor: 'cyan' } },
    remove: (api, board, id) => api.deleteStickyNoteItem(board, id),
  },
  shape: {
    create: (api, board) =>
      api.createShapeItem(board, {
        data: { content: 'Go', shape: 'circle' },
        style: { fillColor: '#8fd14f', fontSize: '24' },
        geometry: { width: 80, height: 90, rotation: 45 },
      }),
    made: {
      data: { content: '<p>Go</p>', shape: 'circle' },
      style: { fillColor: '#8fd14f', fillOpacity: '1.0', fontSize: '24' },
      geometry: { width: 80, height: 90, rotation: 45 },
    },
    get: (api, board, id) => api.getShapeItem(board, id),
    update: (api, board, id) => api.updateShapeItem(board, id, { data: { shape: 'star' }, geometry: { width: 200 } }),
    changed: { data: { content: '<p>Go</p>', shape: 'star' }, geometry: { width: 200, height: 90, rotation: 45 } },
    remove: (api, board, id) => api.deleteShapeItem(board, id),
  },
  text: {
    create: (api, board) => api.createTextItem(board, { data: { content: 'Words' }, style: { textAlign: 'right' } }),
    made: { data: { content: '<p>Words</p>' }, style: { textAlign: 'right', color: '#1a1a1a' } },
    get: (api, board, id) => api.getTextItem(board, id),
    update: (api, board, id) => api.updateTextItem(board, id, { style: { color: '#ff0000' } }),
    changed: { data: { content: '<p>Words</p>' }, style: { textAlign: 'right', color: '#ff0000' } },
    remove: (api, board, id) => api.deleteTextItem(board, id),
  },
  card: {
    create: (api, board) =>
      api.createCardItem(board, {
        data: { title: 'Task', description: 'to do', dueDate: new Date('2026-12-24T10:00:00Z') },
        style: { cardTheme: '#ff9d48' },
      }),
    made: { data: { title: 'Task', description: 'to do' }, style: { cardTheme: '#ff9d48' } },
    get: (api, board, id) => api.getCardItem(board, id),
    update: (api, board, id) => api.updateCardItem(board, id, { data: { title: 'Done' } }),
    changed: { data: { title: 'Done', description: 'to do' } },
    remove: (api, board, id) => api.deleteCardItem(board, id),
  },
  app_card: {
    create: (api, board) =>
      api.createAppCardItem(board, {
        data: { title: 'Ticket 1', status: 'connected', fields: [{ value: 'High', fillColor: '#ff0000' }] },
      }),
    made: { data: { title: 'Ticket 1', status: 'connected', fields: [{ value: 'High', fillColor: '#ff0000' }] } },
    get: (api, board, id) => api.getAppCardItem(board, id),
    update: (api, board, id) => api.updateAppCardItem(board, id, { data: { status: 'disabled' } }),
    changed: { data: { title: 'Ticket 1', status: 'disabled' } },
    remove: (api, board, id) => api.deleteAppCardItem(board, id),
  },
  frame: {
    create: (api, board) =>
      api.createFrameItem(board, {
        data: { title: 'Agenda', format: 'custom', type: 'freeform' },
        style: { fillColor: '#fff6b6' },
        geometry: { width: 600, height: 400 },
      }),
    made: { data: { title: 'Agenda', format: 'custom' }, geometry: { width: 600, height: 400 } },
    get: (api, board, id) => api.getFrameItem(board, id),
    update: (api, board, id) => api.updateFrameItem(board, id, { geometry: { width: 700 }, data: { title: 'Plan' } }),
    changed: { data: { title: 'Plan', format: 'custom' }, geometry: { width: 700, height: 400 } },
    remove: (api, board, id) => api.deleteFrameItem(board, id),
  },
  embed: {
    create: (api, board) =>
      api.createEmbedItem(board, { data: { url: 'https://example.com/v' }, geometry: { width: 320 } }),
    made: { data: { url: 'https://example.com/v', mode: 'inline' }, geometry: { width: 320, height: 180 } },
    get: (api, board, id) => api.getEmbedItem(board, id),
    update: (api, board, id) => api.updateEmbedItem(board, id, { data: { mode: 'modal' } }),
    changed: { data: { url: 'https://example.com/v', mode: 'modal' } },
    remove: (api, board, id) => api.deleteEmbedItem(board, id),
  },
  image: {
    create: (api, board) =>
      api.createImageItemUsingUrl(board, { data: { url: 'https://example.com/i.png', title: 'A picture' } }),
    made: { data: { title: 'A picture', imageUrl: address } },
    get: (api, board, id) => api.getImageItem(board, id),
    update: (api, board, id) => api.updateImageItemUsingUrl(board, id, { data: { title: 'Renamed' } }),
    changed: { data: { title: 'Renamed', imageUrl: address } },
    remove: (api, board, id) => api.deleteImageItem(board, id),
  },
  document: {
    create: (api, board) =>
      api.createDocumentItemUsingUrl(board, { data: { url: 'https://example.com/d.pdf', title: 'A paper' } }),
    made: { data: { title: 'A paper', documentUrl: address } },
    get: (api, board, id) => api.getDocumentItem(board, id),
    update: (api, board, id) => api.updateDocumentItemUsingUrl(board, id, { data: { title: 'Renamed' } }),
    changed: { data: { title: 'Renamed', documentUrl: address } },
    remove: (api, board, id) => api.deleteDocumentItem(board, id),
  },
  'shape of the experimental API': {
    create: (api, board) => api.createShapeItemFlowchart(board, { data: { shape: 'flow_chart_decision' } }),
    made: { type: 'shape', data: { shape: 'flow_chart_decision' } },
    get: (api, board, id) => api.getShapeItemFlowchart(board, id),
    update: (api, board, id) => api.updateShapeItemFlowchart(board, id, { data: { shape: 'flow_chart_process' } }),
    changed: { data: { shape: 'flow_chart_process' } },
    remove: (api, board, id) => api.deleteShapeItemFlowchart(board, id),
  },
};

describe.each(Object.entries(KINDS))('%s', (_, kind) => {
  it('is made, read, changed and deleted', async () => {
    const api = client.api();
    const board = await client.board();
    const { id } = (await kind.create(api, board)).body;
    expect(byId((await client.boardState(board))!['items']!, id)).toMatchObject(kind.made);
    expect((await kind.get(api, board, id!)).body).toMatchObject({ id, ...kind.made });

    expect((await kind.update(api, board, id!)).body).toMatchObject({ id, ...kind.changed });
    expect(byId((await client.boardState(board))!['items']!, id)).toMatchObject(kind.changed);

    await kind.remove(api, board, id!);
    expect((await client.boardState(board))!['items']).toEqual([]);
    await expect(kind.get(api, board, id!)).rejects.toEqual(refused(404));
  });
});
