/** Miro's answers about a board as the model that a retrospective is read from. */
import { byId } from '../jobs/provision-board/found.js';
import { turned } from '../jobs/retro-to-tickets/geometry.js';
import type { BoardConnector, BoardItem, BoardModel, Person, Point } from '../jobs/retro-to-tickets/model.js';
import type { Board, BoardMember, Connector, Item, ItemGroup, Tag } from '../miro/index.js';
import { placeOf, toMarkdown, toText } from '../miro/index.js';
import { urlOf } from './boards.js';

export interface BoardPages {
  board: Board;
  /** An item that moved between two pages may be there twice; the last one counts. */
  items: Item[];
  connectors: Connector[];
  groups: ItemGroup[];
  tags: Tag[];
  /** Ids of tags to ids of the items that carry them. */
  tagged: Record<string, string[]>;
  members: BoardMember[];
}

/** One model for one board, in whatever order Miro has listed it. */
export function boardModel({ board, items, connectors, groups, tags, tagged, members }: BoardPages): BoardModel {
  const known = new Map(items.map((item) => [item.id, item]));
  const places = placesOf(known);
  const tagsOf = tagsByItem(tagged);
  return {
    boardId: board.id,
    name: board.name,
    url: urlOf(board).replace(/\/*$/u, '/'),
    items: [...known.values()].sort(byId).map((item) => itemModel(item, places(item), tagsOf.get(item.id) ?? [])),
    tags: [...tags].sort(byId).map(({ id, title }) => ({ id, title })),
    connectors: [...connectors].sort(byId).flatMap(connectorModel),
    groups: [...groups].sort(byId).map(({ id, itemIds }) => ({ id, itemIds })),
    people: Object.fromEntries(members.map(({ id, name }): [string, Person] => [id, { id, ...(name && { name }) }])),
  };
}

interface Centre {
  absolute: Point;
  relative: Point;
  parentId?: string;
}

function itemModel(item: Item, { absolute, relative, parentId }: Centre, tagIds: string[]): BoardItem {
  const { id, type, data, geometry } = item;
  const fontSize = Number(item.style['fontSize']);
  const title = titleOf(item);
  const color = colorOf(item);
  const { createdAt, createdBy, modifiedAt, modifiedBy } = item;
  return {
    ...{ id, type, ...wordsOf(item), absolute, relative, tagIds },
    ...{ width: geometry?.width ?? 0, height: geometry?.height ?? 0, rotation: geometry?.rotation ?? 0 },
    ...(title !== undefined && { title }),
    ...(color !== undefined && { color }),
    ...(Number.isFinite(fontSize) && { fontSize }),
    ...(type === 'shape' && data.shape !== undefined && { shape: data.shape }),
    ...(parentId !== undefined && { parentId }),
    ...(createdBy && { createdBy: createdBy.id }),
    ...(createdAt !== undefined && { createdAt }),
    ...(modifiedBy && { modifiedBy: modifiedBy.id }),
    ...(modifiedAt !== undefined && { modifiedAt }),
  };
}

// ---------------------------------------------------------------- words

function wordsOf({ type, data }: Item): Pick<BoardItem, 'text' | 'markdown'> {
  if (type === 'frame') return { text: '', markdown: '' };
  const parts = [data.content, data.title, data.description].filter((html) => html !== undefined);
  const join = (read: (html: string) => string, between: string): string =>
    parts
      .map(read)
      .filter((part) => part !== '')
      .join(between);
  return { text: join(toText, '\n'), markdown: join(toMarkdown, '\n\n') };
}

/** A frame's title is plain text, a card's is HTML as all other words. */
function titleOf({ type, data: { title } }: Item): string | undefined {
  if (title === undefined) return undefined;
  return type === 'frame' ? title.trim() : toText(title);
}

/** Sticky notes have names of colors, everything else hex; cards show theirs at the edge. */
function colorOf({ style }: Item): string | undefined {
  const color = style['fillColor'] ?? style['cardTheme'];
  return typeof color === 'string' && color !== 'transparent' ? color.toLowerCase() : undefined;
}

// ---------------------------------------------------------------- places

/** Where each item's centre lies, through all the frames that hold it, which may be turned. */
function placesOf(items: ReadonlyMap<string, Item>): (item: Item) => Centre {
  const known = new Map<string, Centre>();
  const centreOf = (item: Item): Centre => {
    const found = known.get(item.id);
    if (found) return found;
    const { x = 0, y = 0, relativeTo } = item.position ?? {};
    known.set(item.id, { absolute: { x, y }, relative: { x, y } }); // a frame that holds itself ends here
    const parent = item.parent && items.get(item.parent.id);
    const centre = {
      relative: { x, y },
      absolute:
        parent && relativeTo !== 'canvas_center' ? inside(parent, centreOf(parent).absolute, { x, y }) : { x, y },
      ...(item.parent && { parentId: item.parent.id }),
    };
    known.set(item.id, centre);
    return centre;
  };
  return centreOf;
}

function inside({ geometry }: Item, centre: Point, point: Point): Point {
  const { width = 0, height = 0, rotation = 0 } = geometry ?? {};
  return turned(placeOf(point, { ...centre, width, height }).absolute, centre, rotation);
}

// ---------------------------------------------------------------- tags, connectors

function tagsByItem(tagged: Record<string, string[]>): Map<string, string[]> {
  const tags = new Map<string, string[]>();
  const ordered = Object.entries(tagged).sort(([one], [other]) => byId({ id: one }, { id: other }));
  for (const [tagId, itemIds] of ordered)
    for (const id of itemIds) {
      const known = tags.get(id);
      if (known) known.push(tagId);
      else tags.set(id, [tagId]);
    }
  return tags;
}

/** Only those that join two items; an end may hang free. */
function connectorModel({ startItem, endItem, captions }: Connector): BoardConnector[] {
  if (!startItem || !endItem) return [];
  const caption = captions
    .map(({ content }) => toText(content))
    .filter((text) => text !== '')
    .join(' · ');
  return [{ from: startItem.id, to: endItem.id, ...(caption !== '' && { caption }) }];
}
