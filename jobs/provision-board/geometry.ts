/** Where the items of a blueprint lie. Canvas units, x to the right, y down; positions are centres, as in Miro. */
import type { BlueprintFrame, BlueprintItem } from '../../contract.js';

export interface Point {
  x: number;
  y: number;
}
export interface Size {
  width: number;
  height: number;
}
/** An upright rectangle around its centre. */
export type Box = Point & Size;

// https://developers.miro.com/docs/websdk-reference-sticky-note: 199 wide, or 350 by 228.
const RECTANGLE_RATIO = 228 / 350;

/** Width and height before rotation; what the blueprint leaves open is Miro's default. */
export function sizeOf(item: BlueprintItem): Size {
  const { width, height } = item.geometry ?? {};
  switch (item.type) {
    case 'sticky_note':
      return stickySize(
        item.shape === 'rectangle' ? RECTANGLE_RATIO : 1,
        item.shape === 'rectangle' ? 350 : 199,
        width,
        height,
      );
    case 'shape':
      return { width: width ?? 100, height: height ?? 100 };
    case 'text':
      return textSize(item.content ?? '', width ?? 100, Number(item.style?.['fontSize'] ?? 14));
    case 'card':
      return { width: width ?? 320, height: height ?? 94 };
  }
}

function stickySize(ratio: number, defaultWidth: number, width?: number, height?: number): Size {
  if (height !== undefined) return { width: height / ratio, height };
  return { width: width ?? defaultWidth, height: (width ?? defaultWidth) * ratio };
}

// Miro computes a text's height from its content and does not say how: half an em per character is a fair average.
function textSize(content: string, width: number, fontSize: number): Size {
  const perLine = Math.max(1, Math.floor(width / (fontSize * 0.5)));
  const lines = content.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / perLine)), 0);
  return { width, height: lines * fontSize * 1.4 };
}

/** Size of the upright rectangle that holds the item when it is turned. */
export function boundsOf(item: BlueprintItem): Size {
  const { width, height } = sizeOf(item);
  const angle = ((item.geometry?.rotation ?? 0) * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  return { width: width * cos + height * sin, height: width * sin + height * cos };
}

/** The item's centre as Miro wants it: from its frame's top-left corner, or from the canvas's centre without a frame. */
export function positionIn(frame: BlueprintFrame | undefined, { position }: BlueprintItem): Point {
  if (!frame || position.relativeTo !== 'canvas') return { x: position.x, y: position.y };
  const corner = cornerOf(frame);
  return { x: position.x - corner.x, y: position.y - corner.y };
}

/** The item's bounds on the canvas. */
export function canvasBox(frame: BlueprintFrame | undefined, item: BlueprintItem): Box {
  const inside = positionIn(frame, item);
  const corner = frame ? cornerOf(frame) : { x: 0, y: 0 };
  return { x: corner.x + inside.x, y: corner.y + inside.y, ...boundsOf(item) };
}

/** A frame's rectangle on the canvas. */
export const frameBox = ({ position, geometry }: BlueprintFrame): Box => ({ ...position, ...geometry });

function cornerOf({ position, geometry }: BlueprintFrame): Point {
  return { x: position.x - geometry.width / 2, y: position.y - geometry.height / 2 };
}

/** Whether an item lies wholly inside its frame, which Miro demands; half a unit is rounding. */
export function fits(frame: BlueprintFrame, item: BlueprintItem): boolean {
  const { x, y } = positionIn(frame, item);
  const { width, height } = boundsOf(item);
  const within = (centre: number, extent: number, room: number): boolean =>
    centre - extent / 2 >= -0.5 && centre + extent / 2 <= room + 0.5;
  return within(x, width, frame.geometry.width) && within(y, height, frame.geometry.height);
}

/** The centre of a free place of that size: left of everything, its top in line with the topmost. */
export function besideContent(content: Box[], size: Size): Point {
  if (content.length === 0) return { x: 0, y: 0 };
  const gap = 100;
  const left = Math.min(...content.map((box) => box.x - box.width / 2));
  const top = Math.min(...content.map((box) => box.y - box.height / 2));
  return { x: left - gap - size.width / 2, y: top + size.height / 2 };
}
