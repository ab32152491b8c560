import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPrefix } from '../../jobs/retro-to-tickets/prefix.js';
import { titleOf } from '../../jobs/retro-to-tickets/title.js';
import { normalisedWords } from '../../jobs/retro-to-tickets/words.js';

const anyText = fc.string({ unit: 'binary', maxLength: 400 });
const graphemes = (text: string): number => [...new Intl.Segmenter('und').segment(text)].length;

describe('normalisedWords', () => {
  it.each([
    ['Fix  the Login!', 'fix the login 🔥'],
    ['１２３ＡＢＣ', '123abc'],
    ["don't", 'Don’t'],
    ['שלום, עולם', 'שלום עולם!'],
    ['修复。', '修复'],
  ])('takes %j and %j for the same', (a, b) => expect(normalisedWords(a)).toBe(normalisedWords(b)));

  it.each([
    ['+1', '-1'],
    ['C#', 'C++'],
    ['1.5', '15'],
    ['👍', '👎'],
    ['$5', '€5'],
  ])('tells %j from %j', (a, b) => expect(normalisedWords(a)).not.toBe(normalisedWords(b)));

  it('has no words for blanks only', () => expect(normalisedWords(' \n\u200b\u00a0')).toBe(''));

  it('gives the same for its own result, and none but an unseen text is empty', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const words = normalisedWords(text);
        expect(normalisedWords(words)).toBe(words);
        if (/[\p{L}\p{N}]/u.test(text)) expect(words).not.toBe('');
      }),
    );
  });
});

describe('titleOf', () => {
  it('is the first line that says something, without Markdown', () => {
    expect(titleOf('---\n- **Fix** [this](https://a.example/b) `now`\nmore')).toBe('Fix this now');
  });

  it('cuts a long line at a word', () => {
    const title = titleOf('slow '.repeat(100));
    expect(title).toBe(`${'slow '.repeat(39)}slow…`);
  });

  it('ends with a sentence where one fits', () => {
    expect(titleOf(`Deploys are slow. ${'Nobody knows why, '.repeat(20)}`)).toBe('Deploys are slow.');
    expect(titleOf('登录页面很慢。'.repeat(60))).toMatch(/^(登录页面很慢。)+$/);
  });

  it('cuts an address that is longer than all room', () =>
    expect(titleOf('x'.repeat(500))).toBe(`${'x'.repeat(199)}…`));

  it('looks for Markdown at the beginning of a line only', () => {
    expect(titleOf(`\`\`\`\`a\`\`\`\` b`)).toBe('`a` b');
    expect(titleOf(`${'[a](b) '.repeat(10)}${'`'.repeat(3_000)}**end**`, 5_000)).toHaveLength(20 + 1_930);
  });

  it('lets no sign turn the text around it', () => expect(titleOf('\u202eevil\u2066')).toBe('evil'));

  it('is one line of whole characters, neither too long for people nor for trackers', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 10, max: 80 }), (text, most) => {
        const title = titleOf(text, most);
        expect(graphemes(title)).toBeLessThanOrEqual(most);
        expect(title.length).toBeLessThanOrEqual(most + 51);
        expect(title).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]|^\s|\s$/u);
      }),
    );
  });
});

describe('readPrefix', () => {
  it.each([
    ['[ ] buy milk', 'checkbox', 'buy milk'],
    ['- [ ] TODO: buy milk', 'checkbox', 'buy milk'],
    ['☐ buy milk', 'checkbox', 'buy milk'],
    ['[x] bought', 'done', 'bought'],
    ['TODO ☑️ bought', 'done', 'bought'],
    ['✅ bought', 'done', 'bought'],
    ['TODO fix', 'todo', 'fix'],
    ['Todo: fix', 'todo', 'fix'],
    ['Action: fix', 'todo', 'fix'],
    ['AI: fix', 'todo', 'fix'],
    ['@anna fix', 'mention', 'fix'],
    ['@anna', 'mention', '@anna'],
    ['[ ]', 'checkbox', ''],
  ])('reads %j as %s', (text, prefix, rest) => expect(readPrefix(text)).toMatchObject({ prefix, rest }));

  it.each(['Todo list is too long', 'AI is hard', '[link] text', 'mail anna@example.com', 'Actions speak'])(
    'finds no prefix in %j',
    (text) => expect(readPrefix(text)).toEqual({ rest: text }),
  );

  it('knows whom a text names first', () => {
    expect(readPrefix('1. [ ] @anna: ask @bob')).toEqual({ prefix: 'checkbox', rest: 'ask @bob', mention: 'anna' });
    expect(readPrefix('ask @jörg.b.').mention).toBe('jörg.b');
  });
});
