/** The boards that are provisioned, as data. */
import type { Blueprint, BlueprintConnector, BlueprintItem, BoardSpec } from '../../contract.js';

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

const FRAMES = 3;
/** Each frame holds a row of sticky notes, a row of shapes and a row of cards. */
const ROWS = [
  { type: 'sticky_note', perFrame: 6, y: 200 },
  { type: 'shape', perFrame: 2, y: 500 },
  { type: 'card', perFrame: 1, y: 800 },
] as const;

function itemsOf(frame: number): BlueprintItem[] {
  return ROWS.flatMap(({ type, perFrame, y }) =>
    range(perFrame).map((n): BlueprintItem => {
      const text = `${type} ${n + 1} of {{project}}`;
      return {
        id: `${type}-${frame}-${n}`,
        type,
        frame: `frame-${frame}`,
        position: { x: 220 + n * 220, y },
        ...(type === 'card' ? { title: text } : { content: text }),
        ...(type === 'sticky_note' && n < 2 ? { tags: [`tag-${(frame + n) % 3}`] } : {}),
      };
    }),
  );
}

function connectorsOf(frame: number): BlueprintConnector[] {
  return range(2).map((n) => ({
    id: `connector-${frame}-${n}`,
    from: `sticky_note-${frame}-${n}`,
    to: `sticky_note-${frame}-${n + 1}`,
    caption: 'leads to',
  }));
}

/** 40 parts: 3 frames, 18 sticky notes, 6 shapes, 3 cards, 6 connectors, 3 tags and the card that links to the caller's record. */
const FORTY: Blueprint = {
  version: 1,
  frames: range(FRAMES).map((n) => ({
    id: `frame-${n}`,
    title: `Frame ${n + 1}`,
    position: { x: n * 1800, y: 0 },
    geometry: { width: 1600, height: 1000 },
  })),
  items: range(FRAMES).flatMap(itemsOf),
  connectors: range(FRAMES).flatMap(connectorsOf),
  tags: range(3).map((n) => ({ id: `tag-${n}`, title: `Tag ${n + 1}` })),
};

export const fortyItems: BoardSpec = {
  name: 'Kick-off {{project}}',
  placeholders: { project: 'Apollo' },
  template: { blueprint: FORTY },
  recordUrl: 'https://crm.example.com/deals/4711',
};

/** A frame with four notes: small, so that many boards fit into a window of credits. */
export const smallBoard: BoardSpec = {
  name: 'Retro',
  template: {
    blueprint: {
      version: 1,
      frames: [{ id: 'frame', title: 'Retro', position: { x: 0, y: 0 }, geometry: { width: 1200, height: 600 } }],
      items: range(4).map((n) => ({
        id: `note-${n}`,
        type: 'sticky_note',
        frame: 'frame',
        position: { x: 200 + n * 220, y: 300 },
        content: `Note ${n + 1}`,
      })),
    },
  },
};
