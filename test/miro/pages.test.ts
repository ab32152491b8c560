import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boards, items, MiroError, pages } from '../../miro/index.js';
import type { Item, Page, PageCall } from '../../miro/index.js';
import { pageOf } from '../../miro/readers.js';
import { itemSchema } from '../../miro/schemas.js';

interface Thing {
  id: string;
}
const things = (...ids: (number | string)[]): Thing[] => ids.map((id) => ({ id: String(id) }));

/** Reads a list whose pages `answer` gives for a query. */
async function readAll(
  first: PageCall<Thing>,
  answer: (query: Record<string, string | string[]>) => Page<Thing>,
): Promise<{ ids: string[]; requests: number }> {
  const ids: string[] = [];
  let requests = 0;
  const send = (call: PageCall<Thing>): Promise<Page<Thing>> => {
    if (++requests > 1_000) throw new Error('The pager loops');
    return Promise.resolve(answer(call.query ?? {}));
  };
  for await (const page of pages(send, first)) ids.push(...page.map((thing) => thing.id));
  return { ids, requests };
}

const byCursor = items.list('b') as PageCall<Thing>;
const byOffset = boards.list() as PageCall<Thing>;

describe('a list by cursor', () => {
  it('is read until a page has no cursor', async () => {
    const answers: Record<string, Page<Thing>> = {
      start: { items: things(1, 2), cursor: 'a' },
      a: { items: things(3), cursor: 'b' },
      b: { items: things(4) },
    };
    const read = await readAll(byCursor, ({ cursor }) => answers[String(cursor ?? 'start')] ?? { items: [] });
    expect(read).toEqual({ ids: ['1', '2', '3', '4'], requests: 3 });
  });

  it('goes on after an empty page that has a cursor', async () => {
    const answers: Record<string, Page<Thing>> = { start: { items: [], cursor: 'a' }, a: { items: things(1) } };
    expect((await readAll(byCursor, ({ cursor }) => answers[String(cursor ?? 'start')] ?? { items: [] })).ids).toEqual([
      '1',
    ]);
  });

  it('ends where the cursor comes back', async () => {
    const read = await readAll(byCursor, () => ({ items: things(1, 2), cursor: 'again' }));
    expect(read).toEqual({ ids: ['1', '2'], requests: 2 });
  });

  it('is an error, not a short list, where the cursor comes back before the total is reached', async () => {
    const reading = readAll(byCursor, () => ({ items: things(1, 2), cursor: 'again', total: 5 }));
    await expect(reading).rejects.toMatchObject({ kind: 'malformed', written: 'no' });
    await expect(reading).rejects.toBeInstanceOf(MiroError);
  });

  it('ends where new cursors bring nothing new', async () => {
    let n = 0;
    expect((await readAll(byCursor, () => ({ items: things(1), cursor: String(n++) }))).requests).toBeLessThan(20);
  });

  it('gives an item once that stands on two pages', async () => {
    const answers: Record<string, Page<Thing>> = {
      start: { items: things(1, 2), cursor: 'a' },
      a: { items: things(2, 3) },
    };
    expect((await readAll(byCursor, ({ cursor }) => answers[String(cursor ?? 'start')] ?? { items: [] })).ids).toEqual([
      '1',
      '2',
      '3',
    ]);
  });
});

describe('a list by offset', () => {
  const slices =
    (list: () => Thing[], size: number, total?: () => number) =>
    ({ offset }: Record<string, string | string[]>): Page<Thing> => ({
      items: list().slice(Number(offset), Number(offset) + size),
      total: total?.(),
    });

  it('is read to its total, also in pages shorter than asked for', async () => {
    const list = things(...Array.from({ length: 25 }, (_, n) => n));
    const read = await readAll(
      byOffset,
      slices(
        () => list,
        10,
        () => 25,
      ),
    );
    expect(read).toEqual({ ids: list.map((thing) => thing.id), requests: 3 });
  });

  it('is read to an empty page where there is no total', async () => {
    const list = things(1, 2, 3);
    expect(
      await readAll(
        byOffset,
        slices(() => list, 2),
      ),
    ).toEqual({ ids: ['1', '2', '3'], requests: 3 });
  });

  it('loses nothing that slips forward when something before it is deleted', async () => {
    let list = things(...Array.from({ length: 30 }, (_, n) => n));
    let requests = 0;
    const read = await readAll(byOffset, (query) => {
      if (++requests === 2) list = list.slice(5);
      return slices(
        () => list,
        10,
        () => list.length,
      )(query);
    });
    expect(new Set(read.ids)).toEqual(
      new Set(things(...Array.from({ length: 30 }, (_, n) => n)).map((thing) => thing.id)),
    );
  });

  it('loses nothing of a long list that is read a second time', async () => {
    const whole = things(...Array.from({ length: 1_000 }, (_, n) => n));
    let list = whole;
    let requests = 0;
    const read = await readAll(byOffset, (query) => {
      if (++requests === 60) list = list.slice(5);
      return slices(
        () => list,
        10,
        () => list.length,
      )(query);
    });
    expect(new Set(read.ids)).toEqual(new Set(whole.map((thing) => thing.id)));
  });

  it('ends although its total never stays the same', async () => {
    let total = 100;
    const list = things(...Array.from({ length: 40 }, (_, n) => n));
    const read = await readAll(
      byOffset,
      slices(
        () => list,
        10,
        () => total++,
      ),
    );
    expect(read.ids).toHaveLength(40);
  });
});

describe('any list', () => {
  const page = fc.record({
    items: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 6 }).map((ids) => things(...ids)),
    total: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
    cursor: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { nil: undefined }),
  });

  it('ends, and never gives an item twice, whatever the server answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(page, { minLength: 1 }),
        fc.constantFrom(byCursor, byOffset),
        async (answers, first) => {
          let n = 0;
          const given: string[] = [];
          const send = (): Promise<Page<Thing>> => {
            if (n > 1_000) throw new Error('The pager loops');
            return Promise.resolve(answers[n++ % answers.length] as Page<Thing>);
          };
          try {
            for await (const batch of pages(send, first)) given.push(...batch.map((thing) => thing.id));
          } catch (error) {
            expect(error).toMatchObject({ kind: 'malformed' });
          }
          expect(new Set(given).size).toBe(given.length);
        },
      ),
    );
  });

  it('of a server that keeps its word comes whole and in order, however it is cut into pages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 8 }), async (sizes) => {
        const list = things(...Array.from({ length: sizes.reduce((sum, size) => sum + size, 0) }, (_, n) => n));
        const starts = sizes.map((_, n) => sizes.slice(0, n).reduce((sum, size) => sum + size, 0));
        const { ids } = await readAll(byCursor, ({ cursor }) => {
          const n = Number(cursor ?? 0);
          const start = starts[n] ?? 0;
          const last = n + 1 >= sizes.length;
          return { items: list.slice(start, start + (sizes[n] ?? 0)), cursor: last ? undefined : String(n + 1) };
        });
        expect(ids).toEqual(list.map((thing) => thing.id));
      }),
    );
  });
});

describe('an answer with a page', () => {
  const parse = (answer: unknown): Page<Item> => pageOf(itemSchema).parse(answer);

  it('may be a bare array', () => {
    expect(parse([{ id: '1', type: 'card' }]).items).toMatchObject([{ id: '1', type: 'card' }]);
  });

  it('may lack its envelope, have numbers as strings, and an empty or a null cursor at its end', () => {
    expect(parse({ data: [], total: '12', cursor: '' })).toEqual({ items: [], total: 12, cursor: undefined });
    expect(parse({ data: [], cursor: null, links: 7 })).toEqual({ items: [], total: undefined, cursor: undefined });
  });
});
