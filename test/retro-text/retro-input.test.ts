import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import {
  boardIdOf,
  frameIdIn,
  InvalidInput,
  parseMapping,
  parseRetroInput,
  parseUndoInput,
} from '../../jobs/retro-to-tickets/input.js';
import { mappingJsonSchema } from '../../jobs/retro-to-tickets/mapping.js';

const valid = {
  tenant: 'acme',
  connectionId: 'default',
  boardId: 'https://miro.com/app/board/uXjVOD6LSME%3D/?moveToWidget=1',
  tracker: 'builtin',
};
const HASH = 'a'.repeat(64);

function sentences(parse: () => unknown): string[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof InvalidInput) return error.message.split('\n');
    throw error;
  }
  return [];
}
const refused = (fields: object): string[] => sentences(() => parseRetroInput({ ...valid, ...fields }));

describe('the input of retroToTickets', () => {
  it('takes an address of the board for its id', () => {
    expect(parseRetroInput(valid)).toEqual({ ...valid, boardId: 'uXjVOD6LSME=' });
  });

  it('takes all that can be asked', () => {
    const wish = {
      source: {
        frames: ['Sprint 12', '345', 'https://miro.com/app/board/uXjVOD6LSME=/?moveToWidget=345'],
        tags: ['a'],
        colors: ['red', '#ffcc00'],
      },
      rules: {
        rules: [{ when: { tag: ['a', 'b'], text: 'x|y' }, kind: 'decision' }],
        otherwise: 'drop',
        minVotes: 1,
        duplicates: 'keep',
      },
      mapping: {
        version: 1,
        title: '{{column}}: {{title}}',
        kinds: { task: { labels: ['retro'] } },
        fields: { customfield_1: [{ id: 1 }] },
      },
      votes: { '345': 2 },
      linkBack: 'card',
      onChange: 'comment',
      sameAs: 'uXjVOther00=',
      approval: true,
      planHash: HASH,
      edits: { drop: ['1'], set: { '2': { title: 'b', parent: null } } },
      deadlineMs: 60_000,
    };
    expect(parseRetroInput({ ...valid, ...wish })).toMatchObject(wish);
  });

  it('takes no board for a duplicate of itself, however it is named', () => {
    expect(refused({ sameAs: 'https://miro.com/app/board/uXjVOD6LSME=/' })).toEqual([
      'sameAs is the board itself: name the board it was duplicated from.',
    ]);
  });

  it('names all problems together, each with its field', () => {
    const rule = { when: { type: 'stiky_note', color: ['yelow'], text: '(a+)+' }, kind: 'taks' };
    expect(refused({ tracker: 'a b', rules: { rules: [rule] }, linkBack: 'lst', sorce: {} })).toEqual([
      'tracker is no tracker name ("a b"): use the name of a tracker, e.g. builtin.',
      `rules.rules[0].when.color[0] is no color ("yelow"): did you mean yellow? Else use one of gray, light_yellow, yellow, orange, light_green, green, dark_green, cyan, light_pink, pink, violet, red, light_blue, blue, dark_blue, black, or a hex value like #ffcc00.`,
      `rules.rules[0].when.type can't be "stiky_note": did you mean sticky_note? Else use one of sticky_note, card, text, shape, app_card.`,
      'rules.rules[0].when.text repeats a group that itself holds a repeat or a choice ("(a+)+"): repeat one of the two only.',
      `rules.rules[0].kind can't be "taks": did you mean task? Else use one of task, feature_request, insight, decision, drop.`,
      `linkBack can't be "lst": did you mean list? Else use one of list, card, text, none.`,
      expect.stringContaining('input has the unknown field "sorce": did you mean source?'),
    ]);
  });

  it.each([
    [
      { source: { frames: ['https://miro.com/app/board/other=/?moveToWidget=1'] } },
      'source.frames[0] is a link to another board',
    ],
    [
      { source: { frames: ['https://miro.com/app/board/uXjVOD6LSME=/'] } },
      'source.frames[0] is a link without moveToWidget',
    ],
    [{ source: { tags: [] } }, 'source.tags is empty'],
    [{ edits: { drop: ['1'] } }, 'edits needs planHash'],
    [{ planHash: HASH, edits: { drop: ['1'], set: { '1': {} } } }, 'edits.set.1 is dropped as well'],
    [{ planHash: HASH, edits: { set: { x: {} } } }, 'edits.set.x is no Miro id'],
    [{ votes: { a: -1 } }, 'votes.a is -1'],
    [{ mapping: { version: 1, title: '{{titel}}' } }, 'mapping.title holds the unknown placeholder {{titel}}'],
    [{ mapping: { version: 1, colors: { yelow: {} } } }, 'mapping.colors.yelow is no color'],
    [{ mapping: { version: 1, kinds: { tasks: {} } } }, 'mapping.kinds has the unknown field "tasks"'],
  ])('refuses %j', (fields, start) => {
    const told = refused(fields);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(start);
  });

  it('refuses what has no end', () => {
    const loop: Record<string, unknown> = { ...valid };
    loop['mapping'] = loop;
    expect(sentences(() => parseRetroInput(loop))).toEqual(['input is no JSON: remove cycles and big integers.']);
  });
});

describe('the input of undo', () => {
  it('names a board, a tracker, and a run at most', () => {
    const { connectionId: _, ...asked } = valid;
    expect(parseUndoInput(asked)).toEqual({ ...asked, boardId: 'uXjVOD6LSME=' });
    expect(sentences(() => parseUndoInput({ ...asked, runId: 'last' }))[0]).toContain('runId is no run id');
  });
});

describe('addresses', () => {
  it('of boards and frames tell the ids', () => {
    expect(boardIdOf(valid.boardId)).toBe('uXjVOD6LSME=');
    expect(frameIdIn('https://miro.com/app/board/a=/?share=1&moveToWidget=345&cot=14')).toBe('345');
    expect(frameIdIn('Sprint ?moveToWidget=3')).toBeUndefined();
    expect(sentences(() => boardIdOf('no board'))[0]).toContain('the board is no board id');
  });
});

describe('the JSON Schema of mappings', () => {
  const file = fileURLToPath(new URL('../../jobs/retro-to-tickets/mapping.schema.json', import.meta.url));

  it('is published as it is (npx vitest run test/retro-text/retro-input.test.ts -u writes it anew)', async () => {
    const options = await prettier.resolveConfig(file);
    const text = await prettier.format(JSON.stringify(mappingJsonSchema()), { ...options, filepath: file });
    await expect(text).toMatchFileSnapshot(file);
  });

  it('accepts what the reader accepts, and refuses unknown fields', () => {
    const isValid = new Ajv2020({ strict: false }).compile(mappingJsonSchema());
    const mapping = {
      version: 1,
      assignee: 'author',
      columns: { 'To do': { status: 'Open' } },
      colors: { red: { priority: 'High' } },
    };
    expect(isValid(mapping)).toBe(true);
    expect(parseMapping(mapping)).toEqual(mapping);
    expect(isValid({ version: 1, prio: 'High' })).toBe(false);
  });
});
