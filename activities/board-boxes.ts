/** Where the items of a board lie on its canvas. */
import { boundsOf, placeOf, type Holder, type Item } from '../miro/index.js';
import type { Box } from '../jobs/provision-board/geometry.js';

/** The upright rectangle of each item, by its id. */
export function boxesOf(items: readonly Item[]): Map<string, Box> {
  const byId = new Map(items.map((item) => [item.id, item]));
  return new Map(
    items.map((item) => {
      const { absolute } = placeOf(pointOf(item), holderOf(byId, item));
      return [item.id, { ...absolute, ...boundsOf(sizeOf(item), item.geometry?.rotation) }];
    }),
  );
}

/** @param seen ends a circle of parents, which no board should have. */
function holderOf(byId: Map<string, Item>, { parent }: Item, seen: readonly string[] = []): Holder | undefined {
  const frame = parent && !seen.includes(parent.id) ? byId.get(parent.id) : undefined;
  if (!frame) return undefined;
  const holder = holderOf(byId, frame, [...seen, frame.id]);
  return { ...pointOf(frame), ...sizeOf(frame), ...(holder ? { holder } : {}) };
}

const pointOf = ({ position }: Item) => ({ x: position?.x ?? 0, y: position?.y ?? 0 });
const sizeOf = ({ geometry }: Item) => ({ width: geometry?.width ?? 0, height: geometry?.height ?? 0 });
