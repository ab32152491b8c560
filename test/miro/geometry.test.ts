import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, fitsInside, movedInto, placeAt, placeOf, type Holder } from '../../miro/geometry.js';

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const size = fc.double({ min: 1, max: 1e5, noNaN: true });
const point = fc.record({ x: number, y: number });
const frame = fc.record({ x: number, y: number, width: size, height: size });
/** Up to three frames, one in the other. */
const holder: fc.Arbitrary<Holder> = fc
  .array(frame, { minLength: 1, maxLength: 3 })
  .map((frames) => frames.reduce<Holder | undefined>((outer, inner) => ({ ...inner, holder: outer }), undefined)!);
const close = ({ x, y }: { x: number; y: number }) => ({
  x: expect.closeTo(x, 4) as unknown,
  y: expect.closeTo(y, 4) as unknown,
});

describe('a place', () => {
  it('counts from the frame’s top-left corner', () => {
    const outer: Holder = { x: 1000, y: 500, width: 800, height: 400 };
    expect(placeOf({ x: 100, y: 50 }, outer).absolute).toEqual({ x: 700, y: 350 });
    const inner: Holder = { x: 200, y: 100, width: 100, height: 60, holder: outer };
    expect(placeOf({ x: 10, y: 10 }, inner).absolute).toEqual({ x: 760, y: 380 });
    expect(placeAt({ x: 760, y: 380 }, inner).relative).toEqual({ x: 10, y: 10 });
  });

  it('keeps what was given exactly, digit by digit, in frames inside frames too', () => {
    fc.assert(
      fc.property(point, fc.option(holder, { nil: undefined }), (at, inside) => {
        expect(placeOf(at, inside).relative).toEqual(at);
        expect(placeAt(at, inside).absolute).toEqual(at);
      }),
    );
  });

  it('stays the same point of the canvas through any frames, and comes back exactly', () => {
    fc.assert(
      fc.property(point, fc.array(holder, { maxLength: 5 }), (at, way) => {
        const end = way.reduce((place, next) => movedInto(place, next), placeAt(at));
        expect(movedInto(end).relative).toEqual(at);
        expect(placeOf(end.relative, end.holder).absolute).toEqual(close(at));
      }),
    );
  });
});

describe('a turned item', () => {
  it('needs the same room at every half turn, and the sides change at a quarter', () => {
    fc.assert(
      fc.property(size, size, fc.integer({ min: -8, max: 8 }), (width, height, quarters) => {
        const expected = quarters % 2 === 0 ? { width, height } : { width: height, height: width };
        expect(boundsOf({ width, height }, quarters * 90)).toEqual(expected);
      }),
    );
  });

  it('never needs less than its shorter side, nor more than its diagonal', () => {
    fc.assert(
      fc.property(size, size, number, (width, height, rotation) => {
        const bounds = boundsOf({ width, height }, rotation);
        for (const side of [bounds.width, bounds.height]) {
          expect(side).toBeGreaterThanOrEqual(Math.min(width, height) * 0.999_999);
          expect(side).toBeLessThanOrEqual(Math.hypot(width, height) * 1.000_001);
        }
      }),
    );
  });

  it('fits into its frame by its corners', () => {
    const inside: Holder = { x: 0, y: 0, width: 200, height: 100 };
    const place = placeOf({ x: 100, y: 50 }, inside);
    expect(fitsInside(place, { width: 200, height: 100 })).toBe(true);
    expect(fitsInside(place, { width: 200, height: 100 }, 90)).toBe(false);
    expect(fitsInside(place, { width: 70, height: 70 }, 45)).toBe(true);
    expect(fitsInside(place, { width: 72, height: 72 }, 45)).toBe(false);
    expect(fitsInside(placeAt({ x: 9, y: 9 }), { width: 1e9, height: 1e9 })).toBe(true);
  });
});
