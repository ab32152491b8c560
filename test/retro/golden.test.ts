/** Boards as Miro tells them, and what a person would read from each. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { boardModel } from '../../activities/board-model.js';
import type { RetroWish } from '../../contract-retro.js';
import type { RetroRecord } from '../../jobs/retro-to-tickets/model.js';
import { recordsOf } from '../../jobs/retro-to-tickets/records.js';
import { connectorSchema, itemSchema } from '../../miro/schemas.js';

interface Golden {
  about: string;
  wish?: RetroWish;
  own?: { itemIds: string[]; tagTitles: string[]; links: string[] };
  items: { id: string; type: string; parent?: { id: string }; position: object }[];
  connectors?: object[];
  groups?: { id: string; itemIds: string[] }[];
  tags?: { id: string; title: string }[];
  tagged?: Record<string, string[]>;
  expected: {
    refused?: string;
    /** In reading order; the fields that matter, `absent` for those that must not be there. */
    records?: Partial<Record<keyof RetroRecord, unknown>>[];
    /** Item ids to the beginning of the reason; all of them. */
    dropped?: Record<string, string>;
  };
}

const folder = new URL('boards/', import.meta.url);
const boards = readdirSync(folder).map((file): [string, Golden] => [
  file.replace('.yaml', ''),
  parse(readFileSync(new URL(file, folder), 'utf8')) as Golden,
]);

const SIZES: Record<string, object> = {
  sticky_note: { width: 199, height: 228 },
  card: { width: 320, height: 94 },
  app_card: { width: 320, height: 94 },
};

function read({ wish = {}, own, items, connectors = [], groups = [], tags = [], tagged = {} }: Golden) {
  const model = boardModel({
    board: { id: 'uXjVgolden=', name: 'Retro', description: '', viewLink: 'https://miro.com/app/board/uXjVgolden=' },
    items: items.map((item) => {
      const position = { ...item.position, relativeTo: item.parent ? 'parent_top_left' : 'canvas_center' };
      return itemSchema.parse({ geometry: SIZES[item.type], ...item, position });
    }),
    connectors: connectors.map((connector) => connectorSchema.parse(connector)),
    ...{ groups, tags: tags.map((tag) => ({ ...tag, fillColor: 'red' })), tagged },
    members: [{ id: '700', name: 'Ben', role: 'editor' }],
  });
  const marks = { itemIds: new Set(own?.itemIds), tagTitles: own?.tagTitles ?? [], links: own?.links ?? [] };
  return recordsOf(model, wish, marks);
}

/** The record with the named fields only. */
const seen = (record: RetroRecord | undefined, fields: object): object =>
  Object.fromEntries(Object.keys(fields).map((name) => [name, record?.[name as keyof RetroRecord] ?? 'absent']));

describe.each(boards)('the board %s', (_, golden) => {
  const { refused, records = [], dropped = {} } = golden.expected;
  it(golden.about, () => {
    if (refused !== undefined) return expect(() => read(golden)).toThrow(refused);
    const result = read(golden);
    expect(result.records.map(({ itemId }) => itemId)).toEqual(records.map(({ itemId }) => itemId));
    expect(records.map((fields, i) => seen(result.records[i], fields))).toEqual(records);
    const reasons = result.dropped.map(({ itemId, reason }) => [itemId, reason.slice(0, dropped[itemId]?.length)]);
    expect(Object.fromEntries(reasons)).toEqual(dropped);
  });
});
