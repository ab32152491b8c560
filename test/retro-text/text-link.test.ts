/** The link on a sticky: it comes and goes, and nothing else in the text does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendLink, hasLink, stripLink } from '../../jobs/retro-to-tickets/text-link.js';
import { paragraphs } from '../../simulator/state/content.js';

const ref = { key: 'SHOP-12', url: 'https://jira.example/browse/SHOP-12?a=1&b=2' };
const LINK = '<a href="https://jira.example/browse/SHOP-12?a=1&amp;b=2">SHOP-12</a>';

describe('A link is appended', () => {
  it.each([
    ['a paragraph', '<p>Faster builds</p>', `<p>Faster builds</p><p>${LINK}</p>`],
    ['a list', '<ul><li>One</li></ul>', `<ul><li>One</li></ul><p>${LINK}</p>`],
    ['bare text', 'Faster <b>builds</b>', `Faster <b>builds</b><br>${LINK}`],
    ['nothing', '', `<p>${LINK}</p>`],
  ])('to %s', (_, html, expected) => {
    expect(appendLink(html, ref)).toBe(expected);
    expect(appendLink(expected, ref)).toBe(expected);
    expect(stripLink(expected, [ref])).toBe(html);
  });

  it('as the key alone where the tracker has no page', () => {
    const plain = { key: 'T-7' };
    expect(appendLink('<p>a</p>', plain)).toBe('<p>a</p><p>T-7</p>');
    expect(stripLink('<p>a</p><p>T-7</p>', [plain])).toBe('<p>a</p>');
  });

  it('and is known again after Miro has rewritten the text', () => {
    const rewritten = paragraphs(appendLink('Faster <b>builds</b>', ref));
    expect(hasLink(rewritten, ref)).toBe(true);
    expect(stripLink(rewritten, [ref])).toBe('<p>Faster <b>builds</b></p>');
    const withTarget = `<p>a</p><p><a target="_blank" href='${ref.url}' rel="noopener">SHOP-12</a></p>`;
    expect(stripLink(withTarget, [ref])).toBe('<p>a</p>');
  });
});

it('keeps a line to which a person has added words, and links of other tickets', () => {
  const html = `<p>a</p><p>${LINK} is urgent</p><p><a href="https://jira.example/browse/SHOP-1">SHOP-1</a></p>`;
  expect(stripLink(html, [ref])).toBe(html);
});

it('is the key alone where its address is no web address', () => {
  const hostile = { key: 'T-7', url: 'javascript:alert(1)' };
  expect(appendLink('<p>a</p>', hostile)).toBe('<p>a</p><p>T-7</p>');
});

it('keeps a key that a person wrote without our link', () => {
  expect(stripLink('<p>SHOP-12</p>', [ref])).toBe('<p>SHOP-12</p>');
});

it('gives back every text as it was', () => {
  const pieces = [
    '<p>',
    '</p>',
    '<br>',
    '<ul><li>',
    '</li></ul>',
    'word',
    ' ',
    '&amp;',
    '<b>',
    '</b>',
    '\n',
    '<div>',
    '</div>',
    '日本',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 14 }), (parts) => {
      const html = parts.join('');
      const linked = appendLink(html, ref);
      expect(linked.startsWith(html)).toBe(true);
      expect(appendLink(linked, ref)).toBe(linked);
      expect(stripLink(linked, [ref])).toBe(html);
    }),
  );
});
