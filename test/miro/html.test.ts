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

  it('links to web and mail addresses only, to an image instead of loading it, and holds no signs that turn text', () => {
    const links = ['javascript:alert(1)', 'data:text/html,x', '/here', 'https://a.example', 'mailto:a@b.example'];
    expect(toMarkdown(links.map((href) => `<a href="${href}">x</a>`).join(' '))).toBe(
      'x x x [x](https://a.example) [x](mailto:a@b.example)',
    );
    expect(toMarkdown('<img src="http://t.example/a.png" alt="a"> <img src="data:x" alt="b">')).toBe(
      '[a](http://t.example/a.png) b',
    );
    expect(toMarkdown('\u202egpj.exe &#x2066;<b>b</b>')).toBe('gpj.exe **b**');
  });

  it.each([
    ['signs in each other', '<b><i>'.repeat(400) + 'a', '**_a_**'],
    ['levels', '<ul><li>'.repeat(100) + 'a', `${'- '.repeat(10)}a`],
    ['tags', '<p><b>a</b></p>'.repeat(600), 'a\\\n'.repeat(600).slice(0, -2)],
    ['tables', '<table><tr><td>a</td></tr></table>', 'a'],
    ['links to nothing', '<a href="https://a.example"></a>'.repeat(300) + 'a', 'a'],
    ['characters', 'a'.repeat(1_000_000), 'a'.repeat(100_000)],
  ])('reads no more %s than it can in time', (_, html, markdown) => {
    expect(toMarkdown(html)).toBe(markdown);
    expect(toText(html)).toMatch(/^a[a\n]*$/);
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
