/** Where a ticket's card lies: beside its item, where it covers as little as possible. */
import type { Box, Point, Size } from '../provision-board/geometry.js';
import { covered } from './tickets-frame.js';

/** Miro's own size of a card. */
export const CARD_SIZE: Size = { width: 320, height: 94 };
const GAP = 10;

/**
 * The centre of the item's card on the canvas: right, below, left or above, the first of the places that covers least. What the item lies on, such as
 * a frame or a column's shape, is not covered. The same board gives the same places.
 * @param content everything on the board, the item and the cards placed before included
 */
export function placeCard(item: Box, content: readonly Box[]): Point {
  const places = placesAround(item);
  const near = content.filter((box) => covered(box, around(item)) > 0 && !holds(box, item));
  const costs = places.map((place) => near.reduce((area, box) => area + covered({ ...place, ...CARD_SIZE }, box), 0));
  return places[costs.indexOf(Math.min(...costs))] as Point;
}

const placesAround = ({ x, y, width, height }: Box): Point[] => {
  const aside = width / 2 + GAP + CARD_SIZE.width / 2;
  const down = height / 2 + GAP + CARD_SIZE.height / 2;
  return [
    { x: x + aside, y },
    { x, y: y + down },
    { x: x - aside, y },
    { x, y: y - down },
  ];
};

/** All that a card may touch, wherever it goes. */
const around = ({ x, y, width, height }: Box): Box => ({
  ...{ x, y },
  width: width + 2 * (GAP + CARD_SIZE.width),
  height: Math.max(height + 2 * (GAP + CARD_SIZE.height), CARD_SIZE.height),
});

/** Whether the item lies on the box, which is larger than it. */
function holds(box: Box, item: Box): boolean {
  const within = (a: number, b: number, room: number): boolean => Math.abs(a - b) <= room / 2;
  return (
    box.width * box.height > item.width * item.height &&
    within(box.x, item.x, box.width - item.width) &&
    within(box.y, item.y, box.height - item.height)
  );
}
