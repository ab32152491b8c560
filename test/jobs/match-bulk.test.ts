import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchBulk } from '../../jobs/provision-board/match-bulk.js';
import type { FoundItem } from '../../jobs/provision-board/match-bulk.js';
import type { PlannedItem } from '../../jobs/provision-board/plan.js';

const US = '900';
const T0 = Date.parse('2026-11-23T10:00:00Z');
const search = { userId: US, frameIds: new Map([['frame', '70']]) };
const at = (ms: number) => new Date(T0 + ms).toISOString();

type Type = 'sticky_note' | 'shape' | 'text';

const planned = (id: string, content: string, x = 0, type: Type = 'sticky_note'): PlannedItem => ({
  id,
  frame: 'frame',
  tags: [],
  body: { type, data: { content }, position: { x, y: 50 } },
});

/** The item as Miro lists it right after the bulk. */
const made = (item: PlannedItem, id: number, ms = 0): FoundItem => ({
  id: String(id),
  type: item.body.type,
  data: { content: `<p>${item.body.data['content'] ?? ''}</p>` },
  position: { ...item.body.position },
  parent: { id: '70' },
  createdAt: at(ms),
  createdBy: { id: US },
  modifiedAt: at(ms),
});

const edited = (item: FoundItem, text: string): FoundItem => ({
  ...item,
  data: { content: text },
  modifiedAt: at(30_000),
});
const moved = (item: FoundItem, x: number): FoundItem => ({ ...item, position: { x, y: 999 }, modifiedAt: at(30_000) });

const A = planned('a', 'Start', 100);
const B = planned('b', 'Stop', 200);
const C = planned('c', '', 300);

describe('matchBulk', () => {
  it('finds a bulk that nobody touched, in planned order, whatever the order of the list', () => {
    expect(matchBulk([A, B, C], [made(C, 12), made(A, 10), made(B, 11)], search)).toEqual({
      kind: 'made',
      itemIds: ['10', '11', '12'],
      missing: [],
    });
  });

  it('sorts ids as numbers, beyond what a number holds', () => {
    const [a, b] = [
      { ...made(A, 0), id: '999' },
      { ...made(B, 0), id: '3458764500000000001' },
    ];
    expect(matchBulk([A, B], [b, a], search)).toMatchObject({ itemIds: ['999', '3458764500000000001'] });
  });

  it('says absent when nothing newer is there, or only what others made', () => {
    expect(matchBulk([A, B], [], search)).toEqual({ kind: 'absent' });
    expect(matchBulk([A], [{ ...made(A, 10), createdBy: { id: '5' } }], search)).toEqual({ kind: 'absent' });
  });

  it('ignores what was made long before the first attempt', () => {
    const since = new Date(T0);
    expect(matchBulk([A], [made(A, 10, -3_600_000)], { ...search, since })).toEqual({ kind: 'absent' });
  });

  it('lets one untouched item prove the others: edited in place, moved, or deleted', () => {
    const D = planned('d', 'Go on', 400);
    const found = [edited(made(A, 10), 'my words'), made(B, 11), moved(made(D, 13), 5)];
    expect(matchBulk([A, B, C, D], found, search)).toEqual({
      kind: 'made',
      itemIds: ['10', '11', '', '13'],
      missing: ['c'],
    });
  });

  it('tells an item that was both edited and moved by its order', () => {
    const found = [made(A, 10), moved(edited(made(B, 11), 'other'), 7), made(C, 12)];
    expect(matchBulk([A, B, C], found, search)).toMatchObject({ itemIds: ['10', '11', '12'] });
  });

  it('takes no copy while the original is there, even one that was put in the same place', () => {
    const copies = [made(A, 20, 60_000), made(B, 21, 60_000), made(C, 22, 60_000)];
    expect(matchBulk([A, B, C], [made(B, 11), made(C, 12), ...copies], search)).toEqual({
      kind: 'made',
      itemIds: ['', '11', '12'],
      missing: ['a'],
    });
  });

  it('asks rather than takes a copy whose original is gone', () => {
    expect(matchBulk([A], [{ ...made(A, 20), position: { x: 5, y: 5 } }], search)).toMatchObject({ kind: 'ambiguous' });
  });

  it('asks when an older item may be the edited original of the one that reads alike', () => {
    const found = [edited(moved(made(A, 10), 5), 'mine'), moved(made(A, 20, 60_000), 9)];
    expect(matchBulk([A], found, search)).toMatchObject({ kind: 'ambiguous' });
  });

  it('asks when people have changed every item', () => {
    expect(matchBulk([A, B], [edited(made(A, 10), 'x'), edited(made(B, 11), 'y')], search)).toMatchObject({
      kind: 'ambiguous',
    });
  });

  it('takes moved items for a bulk only if at least half of it can be told', () => {
    const D = planned('d', 'Go on', 400);
    const [a, b] = [moved(made(A, 10), 5), moved(made(B, 11), 6)];
    expect(matchBulk([A, B, C, D], [a, b], search)).toMatchObject({ kind: 'made', itemIds: ['10', '11', '', ''] });
    expect(matchBulk([A, B, C, D], [a], search)).toMatchObject({ kind: 'ambiguous' });
  });

  it('does not take a blank note somewhere else for a planned blank one', () => {
    const blank = { ...made(C, 10), position: { x: 1, y: 1 } };
    expect(matchBulk([C], [blank], search)).toEqual({ kind: 'absent' });
  });

  it('knows an item again whose frame was deleted', () => {
    expect(matchBulk([A], [{ ...made(A, 10), parent: null, position: { x: -500, y: 3 } }], search)).toMatchObject({
      itemIds: ['10'],
    });
  });

  it('compares text as people read it', () => {
    const item = planned('a', 'Q&amp;A<br>now', 100);
    const found = { ...made(item, 10), data: { content: '<p>Q&#38;A</p><p>now</p>' } };
    expect(matchBulk([item], [found], search)).toMatchObject({ kind: 'made' });
  });
});

type Fate = 'untouched' | 'edited' | 'moved' | 'both' | 'deleted';
const fates = fc.constantFrom<Fate>('untouched', 'edited', 'moved', 'both', 'deleted');
const bulks = fc
  .array(
    fc.record({
      type: fc.constantFrom<Type>('sticky_note', 'shape', 'text'),
      text: fc.constantFrom('', 'Idea', 'Start', 'Stop'),
      fate: fates,
      copied: fc.constantFrom<'no' | 'in place' | 'beside'>('no', 'no', 'in place', 'beside'),
      copyAltered: fc.boolean(),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((entries) => entries.map((entry, i) => ({ ...entry, plan: planned(`i${i}`, entry.text, 100 * i, entry.type) })));
/** Items that people added, some with our user, among the ids of the bulk. */
const strangers = fc.array(
  fc.record({
    type: fc.constantFrom<Type>('sticky_note', 'shape', 'text'),
    text: fc.constantFrom('', 'Mine', 'Lunch?'),
    x: fc.integer({ min: -5000, max: -100 }),
    id: fc.integer({ min: 0, max: 400 }).map((n) => 1001 + 2 * n),
    altered: fc.boolean(),
    ms: fc.integer({ min: -1000, max: 60_000 }),
  }),
  { maxLength: 8 },
);

const strangerItems = (list: typeof strangers extends fc.Arbitrary<infer T> ? T : never): FoundItem[] =>
  list.map(({ type, text, x, id, altered, ms }) => {
    const item = made(planned('s', text, x, type), id, ms);
    return altered ? { ...item, modifiedAt: at(90_000) } : item;
  });

const suffered = (item: FoundItem, fate: Fate, i: number): FoundItem[] => {
  if (fate === 'deleted') return [];
  const text = fate === 'edited' || fate === 'both' ? edited(item, `changed ${i}`) : item;
  return [fate === 'moved' || fate === 'both' ? moved(text, 7 * i) : text];
};

describe('matchBulk among people', () => {
  it('finds every untouched item of a bulk that was made, whatever people did to the rest', () => {
    fc.assert(
      fc.property(bulks, strangers, fc.nat({ max: 10_000 }), (bulk, others, copyMs) => {
        fc.pre(bulk.some(({ fate }) => fate === 'untouched'));
        const originals = bulk.flatMap(({ plan, fate }, i) => suffered(made(plan, 1100 + 2 * i), fate, i));
        const copies = bulk.flatMap(({ plan, copied, copyAltered }, i) => {
          if (copied === 'no') return [];
          const copy = made(plan, 3000 + 2 * i, copyMs);
          if (copied === 'beside') copy.position = { x: 100 * i + 40, y: 90 };
          return [copyAltered ? { ...copy, modifiedAt: at(80_000) } : copy];
        });
        const answer = matchBulk(
          bulk.map(({ plan }) => plan),
          [...copies, ...strangerItems(others), ...originals],
          search,
        );
        if (answer.kind !== 'made') throw new Error(`a bulk that was made is ${answer.kind}`);
        for (const [i, { fate }] of bulk.entries()) {
          if (fate === 'untouched') expect(answer.itemIds[i]).toBe(String(1100 + 2 * i));
          else expect(answer.missing.includes(`i${i}`)).toBe(answer.itemIds[i] === '');
        }
        const told = answer.itemIds.filter((id) => id !== '');
        expect(new Set(told).size).toBe(told.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('never takes what people wrote for a bulk that was not made', () => {
    fc.assert(
      fc.property(bulks, strangers, (bulk, others) => {
        expect(
          matchBulk(
            bulk.map(({ plan }) => plan),
            strangerItems(others),
            search,
          ).kind,
        ).not.toBe('made');
      }),
      { numRuns: 2000 },
    );
  });
});
