import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adfOf, textOf, type AdfNode } from '../../tickets/jira-adf.js';
import { wikiOf } from '../../tickets/jira-wiki.js';
import { problemsOf } from './jira-stand-in-rules.js';

const wiki = (markdown: string): string => wikiOf(adfOf(markdown));

function typesIn(node: AdfNode): string[] {
  return [node.type, ...(node.content ?? []).flatMap(typesIn)];
}

describe('the text of a ticket', () => {
  it.each([
    '<adf>{"type":"mention","attrs":{"id":"1"}}</adf>',
    '<ADF>[{"type":"panel","content":[]}]</ADF>',
    '- <adf>{"type":"mention"}</adf>',
    '> <adf>{"type":"mention"}</adf>',
    '1. x\n\n   <adf>{"type":"mention"}</adf>',
    '<adf></adf>',
    '<adf>not json</adf>',
    '\\\\<adf>{"type":"mention"}</adf>',
  ])("stays text where it holds tags that would become nodes of Jira's: %s", (markdown) => {
    const document = adfOf(markdown);
    expect(typesIn(document).filter((type) => ['mention', 'panel'].includes(type))).toEqual([]);
    expect(textOf(document)).toMatch(/<adf>/i);
    expect(textOf(document)).not.toContain('\u2060');
  });

  it('holds no sign of ours before a name in angle brackets', () => {
    expect(textOf(adfOf('\\<name> a\\<b\\</c> \\<'))).toBe('<name> a<b</c> <');
    expect(textOf(adfOf('**\\<b**'))).toBe('<b');
  });

  it('loses nothing of what looks like HTML, and reads character references', () => {
    expect(textOf(adfOf('<div>one</div>\n\na <b>two</b> &lt;c&gt; `&lt;`\n\n```\n<p>\n```'))).toBe(
      '<div>one</div>\na <b>two</b> <c> &lt;\n<p>',
    );
  });

  it('links to web addresses only, and to an image instead of loading it', () => {
    const content = adfOf('[a](javascript:alert) [b](https://x.org) ![c](https://x.org/c.png)').content;
    expect(JSON.stringify(content)).not.toMatch(/javascript|media/);
    expect(JSON.stringify(content).match(/"href":"[^"]*"/g)).toEqual([
      '"href":"https://x.org"',
      '"href":"https://x.org/c.png"',
    ]);
  });

  it('is always a document that Jira takes', () => {
    const piece = fc.constantFrom(
      ...[
        '# h',
        '- a',
        '  - b',
        '    - c',
        '1. n',
        '> q',
        '> > q',
        '> # h',
        '> | a |',
        '- # h',
        '- > q',
        '- - x',
        '-',
        '- [ ] t',
        '- [x]',
        '  - [ ] u',
      ],
      ...[
        '```',
        '```js',
        '    code',
        '| a | b |',
        '|---|---|',
        '---',
        '![i](u)',
        '- ![i](u)',
        '*a **b** c*',
        '[](x)',
        '[x]()',
        '<b>',
        '<adf>{}</adf>',
        '',
        'x',
        '&#0;',
        '\\',
        '*',
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 9 }), (lines) => {
        const checked = { typeId: '10001', isNew: false, exists: () => false };
        const document = adfOf(lines.join('\n'));
        expect(problemsOf({ ...checked, deployment: 'cloud', fields: { description: document } })).toEqual({});
        expect(typeof wikiOf(document)).toBe('string');
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['levels of lists', '1. '.repeat(10_000)],
    ['levels of quotations', '> '.repeat(5_000)],
    ['emphasis without end', '_a '.repeat(10_000)],
    ['underscores', '_'.repeat(30_000)],
    ['brackets', '[a]('.repeat(7_000)],
    ['brackets in each other', '[]('.repeat(100) + '('.repeat(20_000)],
    ['words after brackets', '[a]('.repeat(200) + 'b'.repeat(30_000)],
    ['words', '**many** words '.repeat(5_000)],
  ])('stays plain where it holds more %s than can be read in time', (_, text) => {
    expect(adfOf(text).content).toEqual([{ type: 'paragraph', content: [{ type: 'text', text }] }]);
  });

  it('is wiki text with Data Center', () => {
    expect(
      wiki(
        '# Plan\n\n**bold** *em* `a_b` [x](https://x.org/a_b)\n\n- one\n  - two\n\n1. n\n\n> q\n\n| a | b |\n|---|---|\n| 1 | 2 |',
      ),
    ).toBe(
      [
        ...['h1. Plan', '', '*bold* _em_ {{a\\_b}} [x|https://x.org/a_b]', '', '* one\n** two', '', '# n', ''],
        ...['{quote}\nq\n{quote}', '', '|| a || b ||\n| 1 | 2 |'],
      ].join('\n'),
    );
  });

  it.each([
    ['{html}<script>{html} [~admin] !x.png!', '\\{html\\}<script>\\{html\\} \\[\\~admin\\] \\!x.png\\!'],
    ['C:\\temp h1. no', 'C:&#92;temp h1. no'],
    ['x\\\nh1. y', 'x\n\\h1. y'],
    ['a - b, well-known -x', 'a \\- b, well-known \\-x'],
    ['[a](https://x.org/%7Cb|c)', '[a|https://x.org/%7Cb%7Cc]'],
    ['```\n{noformat}{html}\n```', '{noformat}\n{\u200bnoformat}{html}\n{noformat}'],
  ])('keeps macros and mentions of people from being read as such: %j', (markdown, expected) => {
    expect(wiki(markdown)).toBe(expected);
  });
});
