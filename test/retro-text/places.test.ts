/** Where link backs lie: the frame covers nothing, a card as little as can be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../jobs/provision-board/geometry.js';
import { CARD_SIZE, placeCard } from '../../jobs/retro-to-tickets/card-place.js';
import { covered, newFrame, roomIn, textPlace } from '../../jobs/retro-to-tickets/tickets-frame.js';

const box = fc.record({
  ...{ x: fc.integer({ min: -3_000, max: 3_000 }), y: fc.integer({ min: -3_000, max: 3_000 }) },
  ...{ width: fc.integer({ min: 1, max: 900 }), height: fc.integer({ min: 1, max: 900 }) },
});
const boxes = fc.array(box, { maxLength: 30 });
const area = (content: Box[], over: Box): number => content.reduce((sum, other) => sum + covered(over, other), 0);
const cornerOf = ({ x, y, width, height }: Box) => ({ x: x - width / 2, y: y - height / 2 });
const note = (x: number, y: number): Box => ({ x, y, width: 199, height: 228 });

describe('The frame', () => {
  it('covers nothing and has room for all its texts', () => {
    fc.assert(
      fc.property(boxes, fc.integer({ min: 1, max: 300 }), (content, texts) => {
        const frame = newFrame(content, texts);
        expect(area(content, frame)).toBe(0);
        const room = roomIn(frame, content, texts);
        expect(room?.size).toEqual({ width: frame.width, height: frame.height });
        for (const cell of room?.cells ?? []) {
          const { x, y } = textPlace(cell, 20);
          expect(x + 320).toBeLessThanOrEqual(frame.width);
          expect(y + 200.2).toBeLessThanOrEqual(frame.height);
        }
      }),
    );
  });

  it('is about as wide as high', () => {
    const { width, height } = newFrame([], 250);
    expect(width / height).toBeLessThan(2);
  });

  it('grows to the right for later texts, and keeps those that are there', () => {
    const frame = newFrame([], 1);
    const corner = cornerOf(frame);
    const first = roomIn(frame, [], 1)!;
    const at = textPlace(first.cells[0]!, 20);
    const text = { x: corner.x + at.x, y: corner.y + at.y, width: 640, height: 400 };
    const room = roomIn(frame, [text], 2)!;
    expect(room.size.width).toBeGreaterThan(frame.width);
    expect(room.cells.every(({ x }) => x > first.cells[0]!.x)).toBe(true);
  });

  it('does not grow over what people have put there', () => {
    const frame = newFrame([], 1);
    const beside = note(frame.width, 0);
    expect(roomIn(frame, [beside], 2)).toBeUndefined();
    expect(roomIn(frame, [beside], 1)).toBeDefined();
  });

  it('never covers more of anything than it did', () => {
    fc.assert(
      fc.property(box, boxes, fc.integer({ min: 1, max: 40 }), (frame, content, texts) => {
        const room = roomIn(frame, content, texts);
        if (!room) return;
        const corner = cornerOf(frame);
        const grown = { x: corner.x + room.size.width / 2, y: corner.y + room.size.height / 2, ...room.size };
        expect(room.cells).toHaveLength(texts);
        expect(area(content, grown)).toBeCloseTo(area(content, frame));
      }),
    );
  });
});

describe('A card', () => {
  it('lies to the right of its item where that is free', () => {
    expect(placeCard(note(0, 0), [note(0, 0)])).toEqual({ x: 99.5 + 10 + 160, y: 0 });
  });

  it('goes where it covers least', () => {
    expect(placeCard(note(0, 0), [note(0, 0), note(220, 0)])).toEqual({ x: 0, y: 114 + 10 + 47 });
    expect(placeCard(note(0, 0), [note(0, 0), note(220, 0), note(0, 250)])).toEqual({ x: -269.5, y: 0 });
  });

  it('may lie on the frame that its item lies on', () => {
    const frame = { x: 0, y: 0, width: 2_000, height: 2_000 };
    expect(placeCard(note(0, 0), [frame, note(0, 0)])).toEqual({ x: 269.5, y: 0 });
  });

  it('has one place, whatever the order of the items', () => {
    fc.assert(
      fc.property(box, boxes, (item, content) => {
        const place = placeCard(item, [item, ...content]);
        expect(placeCard(item, [...content.toReversed(), item])).toEqual(place);
        expect(covered({ ...place, ...CARD_SIZE }, item)).toBe(0);
      }),
    );
  });
});
