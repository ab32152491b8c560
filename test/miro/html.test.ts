import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromMarkdown, fromText, toMarkdown, toText } from '../../miro/html.js';

const line = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .map((text) => text.replace(/[\s\p{Cc}\u00a0\ufeff]+/gu, ' ').trim());
const words = fc.constantFrom(
  'a',
  '<b>',
  '&amp;',
  '*x*',
  '# no title',
  '1. no list',
  '_',
  '~~',
  '[x](y)',
  '`',
  'ünï',
  '字',
);
const text = fc.array(fc.oneof(line, words), { minLength: 1, maxLength: 5 }).map((lines) => lines.join('\n').trim());

describe('plain text', () => {
  it('is what a person reads', () => {
    expect(toText('<p>One<br>two</p><ul><li>three</li><li>four &amp; &#x1F600;&nbsp;five</li></ul>')).toBe(
      'One\ntwo\nthree\nfour & 😀 five',
    );
    expect(toText('bare <b>words</b><p>block</p>tail')).toBe('bare words\nblock\ntail');
    expect(toText('<div><p>a</p></div><script>evil()</script>')).toBe('a');
    expect(toText('')).toBe('');
  });

  it('comes back from the HTML that it is made into', () => {
    fc.assert(fc.property(text, (given) => void expect(toText(fromText(given))).toBe(given)));
  });

  it('never becomes markup', () => {
    expect(fromText('<script>x</script>\n& more')).toBe('<p>&#x3C;script>x&#x3C;/script></p><p>&#x26; more</p>');
  });

  it('is found in any HTML, however broken', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (html) => void expect(toText(html)).toBeTypeOf('string')));
  });
});

describe('Markdown', () => {
  it('keeps emphasis, links, lists, headings, quotes, code and struck out words', () => {
    const markdown =
      '# Title\n\nSome **bold**, _slanted_ and ~~gone~~ [words](https://example.com).\n\n- one\n- two\n\n> quoted\n\n`code`';
    const html = fromMarkdown(markdown);
    expect(html).toContain('<strong>bold</strong>, <em>slanted</em> and <del>gone</del>');
    expect(toMarkdown(html)).toBe(markdown);
  });

  it('reads the elements that Miro writes', () => {
    expect(toMarkdown('<p><b>a</b> <i>b</i> <s>c</s> <u>d</u></p><p>second</p>')).toBe('**a** _b_ ~~c~~ _d_\n\nsecond');
  });

  it('holds any text as it is', () => {
    fc.assert(
      fc.property(line, (given) => {
        expect(toText(fromMarkdown(toMarkdown(fromText(given))))).toBe(given);
      }),
    );
    fc.assert(
      fc.property(words, (given) => {
        expect(toText(fromMarkdown(toMarkdown(fromText(given))))).toBe(given);
      }),
    );
  });

  it('shows HTML as text', () => {
    expect(toText(fromMarkdown('<img src=x onerror=evil()> **a**'))).toBe('<img src=x onerror=evil()> a');
  });
});
