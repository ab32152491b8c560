import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, sameText, toHtml, toPlain } from '../../jobs/provision-board/html.js';
import { fillHtml, fillText, placeholdersIn } from '../../jobs/provision-board/placeholders.js';

const values = { project: { name: 'A & <B>', nr: 7 }, 'with.dot': 'flat' };

describe('placeholders', () => {
  it('reach nested values by dots, with blanks inside the braces', () => {
    expect(fillText('{{project.name}} {{ project.nr }} {{with.dot}}', values)).toBe('A & <B> 7 flat');
  });

  it('are listed once each', () => {
    expect(placeholdersIn('{{a}} {{ b.c }} {{a}} \\{{d}}')).toEqual(['a', 'b.c']);
  });

  it('leave escaped braces as braces', () => {
    expect(fillText('\\{{project.name}}', values)).toBe('{{project.name}}');
  });

  it('do not look into values', () => {
    expect(fillText('{{a}}', { a: '{{b}}', b: 'x' })).toBe('{{b}}');
  });

  it('are not found on prototypes, in lists of letters or on whole objects', () => {
    for (const name of ['toString', '__proto__', 'project', 'project.name.length']) {
      expect(() => fillText(`{{${name}}}`, values)).toThrow(RangeError);
    }
  });

  it('in HTML are found with &nbsp; inside, and filled in escaped', () => {
    expect(fillHtml('<p>{{&nbsp;project.name }}</p>', values)).toBe('<p>A &amp; &lt;B&gt;</p>');
    expect(fillHtml('{{a}}', { a: 'one\ntwo' })).toBe('one<br>two');
  });

  it('never bring markup into HTML', () => {
    const markup = fc.stringMatching(/^[<>&"'a-z/=\n {}]{0,30}$/);
    fc.assert(
      fc.property(markup, (a) => {
        const inside = fillHtml('<p>{{a}}</p>', { a }).slice(3, -4);
        expect(inside.replaceAll('<br>', '')).not.toMatch(/[<>"]/);
        expect(toPlain(inside)).toBe(a.trim());
      }),
    );
  });
});

describe('Miro HTML', () => {
  it('round-trips plain text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(toPlain(toHtml(text))).toBe(text.replace(/\r\n?/g, '\n').trim());
        expect(sameText(toHtml(text), `<p>${escapeHtml(text)}</p>`)).toBe(true);
      }),
    );
    expect(toPlain(toHtml('1 < 2 & "3"\nfour'))).toBe('1 < 2 & "3"\nfour');
  });

  it.each([
    ['a', '<p>a</p>'],
    ['a<br>b', '<p>a</p><p>b</p>'],
    ['a b', 'a&nbsp;b '],
    ['it&#39;s', "<strong>it's</strong>"],
    ['&#x1F600;', '😀'],
    [undefined, '<p></p>'],
  ])('%s reads like %s', (a, b) => {
    expect(sameText(a, b)).toBe(true);
  });

  it('tells different texts apart', () => {
    expect(sameText('a', 'A')).toBe(false);
    expect(sameText('ab', 'a<br>b')).toBe(false);
    expect(sameText('1 &lt; 2', '1 2')).toBe(false);
  });
});
