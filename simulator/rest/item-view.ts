import type { Call } from '../http/call.js';
import { isoSeconds } from '../state/clock.js';
import type { Simulation } from '../simulation.js';
import type { Board, Item, Stamps } from '../state/board.js';
import { boardPath } from './board-view.js';

/** Path of each type's own endpoints; the rest have only the generic ones. */
export const TYPE_PATHS: Record<string, string> = {
  sticky_note: 'sticky_notes',
  shape: 'shapes',
  text: 'texts',
  frame: 'frames',
  card: 'cards',
  app_card: 'app_cards',
  embed: 'embeds',
  image: 'images',
  document: 'documents',
  doc_format: 'docs',
};

export function stampsView({ createdAt, createdBy, modifiedAt, modifiedBy }: Stamps): Record<string, unknown> {
  return {
    createdAt: isoSeconds(createdAt),
    createdBy: { id: createdBy, type: 'user' },
    modifiedAt: isoSeconds(modifiedAt),
    modifiedBy: { id: modifiedBy, type: 'user' },
  };
}

/** An item in Miro's own field names, as the list of items and the type's own endpoint answer it. */
export function itemFields(sim: Simulation, board: Board, item: Item): Record<string, unknown> {
  const base = `${sim.baseUrl}${boardPath(board.id)}`;
  const parent = item.parentId;
  return {
    id: item.id,
    type: item.type,
    data: item.data,
    ...(item.style && { style: item.style }),
    geometry: item.geometry,
    position: {
      x: item.x,
      y: item.y,
      origin: 'center',
      relativeTo: parent ? 'parent_top_left' : 'canvas_center',
    },
    ...(parent && { parent: { id: parent, links: { self: `${base}/items/${parent}` } } }),
    ...stampsView(item),
    links: { self: `${base}/${TYPE_PATHS[item.type] ?? 'items'}/${item.id}` },
  };
}

/** `owned` tells the calling app whether it made an app card. */
export function itemView(call: Call, board: Board, item: Item): Record<string, unknown> {
  const fields = itemFields(call.sim, board, item);
  if (item.type !== 'app_card') return fields;
  return { ...fields, data: { ...item.data, owned: item.appId === call.actor.app.id } };
}
