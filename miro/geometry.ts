/** Positions on a board: centres of items, on the canvas or inside the frame that holds them. Units of the canvas, y down. */

export interface Point {
  x: number;
  y: number;
}
export interface Size {
  width: number;
  height: number;
}
/** A frame: its centre where it lies, from its own holder's corner if it has one. */
export interface Holder extends Point, Size {
  /** The frame that holds this one. */
  holder?: Holder;
}

/**
 * Where an item lies, given both ways. Floating point loses digits when a position is moved back and forth, so the one
 * that Miro gave is kept as it came, and only the other one is computed.
 * @see https://developers.miro.com/docs/boards#coordinate-system
 */
export interface Place {
  /** Centre from the middle of the board. */
  absolute: Point;
  /** Centre from the holder's top-left corner; the same as `absolute` without a holder. */
  relative: Point;
  holder?: Holder;
}

/** The place of an item whose position Miro tells: relative to its frame's corner if it has a frame. */
export function placeOf({ x, y }: Point, holder?: Holder): Place {
  return { relative: { x, y }, absolute: toCanvas({ x, y }, holder), holder };
}

/** The place of an item that is to lie at a point of the canvas, in a frame or not. */
export function placeAt({ x, y }: Point, holder?: Holder): Place {
  return { absolute: { x, y }, relative: toHolder({ x, y }, holder), holder };
}

/** The same point of the canvas in another frame, or in none: what a request that changes the parent must send. */
export const movedInto = ({ absolute }: Place, holder?: Holder): Place => placeAt(absolute, holder);

function toCanvas(point: Point, holder: Holder | undefined): Point {
  if (!holder) return point;
  const corner = cornerOf(holder);
  return { x: corner.x + point.x, y: corner.y + point.y };
}

function toHolder(point: Point, holder: Holder | undefined): Point {
  if (!holder) return point;
  const corner = cornerOf(holder);
  return { x: point.x - corner.x, y: point.y - corner.y };
}

/** A frame's top-left corner on the canvas. Frames can't be turned. */
function cornerOf({ x, y, width, height, holder }: Holder): Point {
  const centre = toCanvas({ x, y }, holder);
  return { x: centre.x - width / 2, y: centre.y - height / 2 };
}

/** The upright rectangle that an item needs which is turned by so many degrees around its centre. */
export function boundsOf({ width, height }: Size, rotation = 0): Size {
  const quarter = rotation % 90 === 0;
  const turned = Math.abs(rotation / 90) % 2 === 1;
  if (quarter) return turned ? { width: height, height: width } : { width, height };
  const angle = (rotation * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  return { width: width * cos + height * sin, height: width * sin + height * cos };
}

/** Half a unit is rounding, Miro's own included. */
const TOLERANCE = 0.5;

/** Whether an item lies wholly inside its frame, as Miro demands of every child. */
export function fitsInside({ relative, holder }: Place, size: Size, rotation = 0): boolean {
  if (!holder) return true;
  const { width, height } = boundsOf(size, rotation);
  const within = (centre: number, extent: number, room: number): boolean =>
    centre - extent / 2 >= -TOLERANCE && centre + extent / 2 <= room + TOLERANCE;
  return within(relative.x, width, holder.width) && within(relative.y, height, holder.height);
}
