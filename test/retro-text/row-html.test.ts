/** The rows of the Tickets frame. */
import { describe, expect, it } from 'vitest';
import { inTexts, rowHtml, rowsHtml, withoutRows, type TicketRow } from '../../jobs/retro-to-tickets/row-html.js';

const row = (n: number, title = `Ticket ${n}`): TicketRow => ({
  key: `A-${n}`,
  url: `https://t.example/A-${n}`,
  title,
});
const rows = (count: number, title?: string): TicketRow[] => Array.from({ length: count }, (_, n) => row(n, title));

describe('A row', () => {
  it('is the key as a link and the title, escaped', () => {
    const html = rowHtml({ key: 'A-1', url: 'https://t.example/?a="1"&b', title: '<b>Fish</b> & chips' });
    expect(html).toBe(
      '<p><a href="https://t.example/?a=&quot;1&quot;&amp;b">A-1</a> &lt;b&gt;Fish&lt;/b&gt; &amp; chips</p>',
    );
  });

  it('is no link where the address is no web address', () => {
    expect(rowHtml({ key: 'A-1', url: 'javascript:alert(1)', title: 'Fish' })).toBe('<p>A-1 Fish</p>');
  });

  it('takes one line, whatever the title', () => {
    expect(rowHtml(row(1, 'many words '.repeat(30)))).toMatch(/ many words many [a-z ]*…<\/p>$/);
    expect(rowHtml(row(1, 'one\ntwo'))).toContain('one two');
    expect(rowHtml(row(1, '漢'.repeat(200))).match(/漢/g)?.length).toBeLessThan(40);
  });
});

describe('Rows share texts', () => {
  it('of 20 at most, in their order', () => {
    const texts = inTexts(rows(45));
    expect(texts.map(({ length }) => length)).toEqual([20, 20, 5]);
    expect(texts.flat()).toEqual(rows(45));
  });

  it('of some 4000 characters at most', () => {
    const long = rows(20).map((each) => ({ ...each, url: `https://t.example/${'x'.repeat(900)}` }));
    const texts = inTexts(long);
    expect(texts.map(({ length }) => length)).toEqual([4, 4, 4, 4, 4]);
    for (const text of texts) expect(rowsHtml(text).length).toBeLessThanOrEqual(4_000);
    expect(inTexts([{ ...row(1), url: `https://t.example/${'x'.repeat(5_000)}` }, row(2)])).toHaveLength(2);
  });
});

describe('Rows are taken out', () => {
  it('and the others stay', () => {
    const html = rowsHtml(rows(3));
    expect(withoutRows(html, [row(1)])).toEqual({ html: rowHtml(row(0)) + rowHtml(row(2)), kept: [], blank: false });
    expect(withoutRows(html, rows(3))).toEqual({ html: '', kept: [], blank: true });
  });

  it('unless a person has changed the line', () => {
    const html = `${rowHtml(row(0)).replace('Ticket', 'Urgent ticket')}<p>my note</p>${rowHtml(row(1))}`;
    const left = withoutRows(html, rows(2));
    expect(left).toMatchObject({ kept: [row(0)], blank: false });
    expect(left.html).toContain('Urgent ticket 0</p><p>my note</p>');
  });
});
