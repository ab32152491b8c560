/** Random blueprints, and what Miro must show once they are on a board. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Blueprint } from '../../client/index.js';
import { retro, type SimulatorBoard, type SimulatorItem, type Stack } from '../stack.js';
import { finished } from './boards.js';

const FRAME = { width: 2_000, height: 1_500 };
const text = fc
  .string({ unit: fc.constantFrom(...'aB9 &<>"\'{}ß東🎨-'), minLength: 1, maxLength: 30 })
  .map((words) => `w${words.replaceAll('{{', '{')}w`);
const inFrame = fc.record({ x: fc.integer({ min: 400, max: 1_600 }), y: fc.integer({ min: 400, max: 1_100 }) });
const geometry = fc.record({ width: fc.integer({ min: 60, max: 400 }), height: fc.integer({ min: 60, max: 400 }) });

interface Draft {
  type: 'sticky_note' | 'shape' | 'text';
  at: { x: number; y: number };
  size: { width: number; height: number };
  content: string;
  frame: number;
  relativeTo: 'frame' | 'canvas';
}

const draft: fc.Arbitrary<Draft> = fc.record({
  type: fc.constantFrom('sticky_note', 'shape', 'text'),
  at: inFrame,
  size: geometry,
  content: text,
  frame: fc.integer({ min: -1, max: 2 }),
  relativeTo: fc.constantFrom('frame', 'canvas'),
});

/** What shall be seen: text as people read it, the centre on the canvas, the size where the type lets it be set. */
interface Seen {
  type: string;
  text: string;
  x: number;
  y: number;
  width?: number;
  height?: number;
  frame: string | undefined;
}

export interface Case {
  blueprint: Blueprint;
  seen: Seen[];
}

export const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.array(draft, { maxLength: 24 }), fc.array(text, { minLength: 3, maxLength: 3 }))
  .map(([drafts, titles]) => toCase(drafts, titles));

function toCase(drafts: Draft[], titles: string[]): Case {
  const frames = titles.map((title, n) => ({
    id: `frame-${n}`,
    title: `${title}${n}`,
    position: { x: n * 3_000 - 1_234, y: n * 500 },
    geometry: FRAME,
  }));
  const seen: Seen[] = frames.map(({ title, position, geometry: size }) => ({
    ...{ type: 'frame', text: title, frame: undefined },
    ...position,
    ...size,
  }));
  const items = drafts.map(({ type, at, size, content, frame: n, relativeTo }, i) => {
    const frame = frames[n];
    const corner = frame
      ? { x: frame.position.x - FRAME.width / 2, y: frame.position.y - FRAME.height / 2 }
      : { x: 0, y: 0 };
    const canvas = { x: corner.x + at.x, y: corner.y + at.y };
    const sized = type === 'shape' ? size : { width: size.width };
    seen.push({ type, text: content, ...canvas, ...sized, frame: frame?.title });
    return {
      ...{ id: `item-${i}`, type, content, geometry: sized },
      ...(frame ? { frame: frame.id } : {}),
      position: frame && relativeTo === 'frame' ? { ...at, relativeTo } : { ...canvas, relativeTo: 'canvas' as const },
    };
  });
  return { blueprint: { version: 1, frames, items }, seen };
}

/** Makes the board and compares what is on it. */
export async function holds(stack: Stack, { blueprint, seen }: Case, key: string): Promise<void> {
  const { result } = await finished(stack, {
    ...retro(key, { name: key, template: { blueprint }, members: [] }),
    recordUrl: undefined,
  });
  expect(result).toMatchObject({ ending: 'done', problems: [] });
  const board = (await stack.state()).boards.find(({ id }) => id === result.boardId);
  expect(board?.items.map((item) => shownOf(board, item))).toEqual(seen);
}

function shownOf(board: SimulatorBoard, item: SimulatorItem): Seen {
  const frame = board.items.find(({ id }) => id === item.parent?.id);
  const { width = 0, height = 0 } = frame?.geometry ?? {};
  const corner = frame ? { x: frame.position.x - width / 2, y: frame.position.y - height / 2 } : { x: 0, y: 0 };
  const sized = {
    ...(item.geometry?.width !== undefined && { width: item.geometry.width }),
    ...(['shape', 'frame'].includes(item.type) && { height: item.geometry?.height ?? NaN }),
  };
  return {
    type: item.type,
    text: readable(String(item.data['content'] ?? item.data['title'])),
    ...{ x: corner.x + item.position.x, y: corner.y + item.position.y },
    ...sized,
    frame: frame && String(frame.data['title']),
  };
}

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };

/** The text of Miro's HTML as a browser would show it. */
function readable(html: string): string {
  return html.replace(/<\/?p>/g, '').replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
