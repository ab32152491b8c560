import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanRow, RetroPlan, TicketMapping } from '../../contract-retro.js';
import { unmappedAssignees } from '../../jobs/retro-to-tickets/assignees.js';
import { applyEdits } from '../../jobs/retro-to-tickets/edits.js';
import { editsBetween } from '../../jobs/retro-to-tickets/edits-between.js';
import { exportRows } from '../../jobs/retro-to-tickets/export.js';
import type { RetroRecord } from '../../jobs/retro-to-tickets/model.js';
import { parsePlanFile, planFileOf, type RetroPlanFile } from '../../jobs/retro-to-tickets/plan-file.js';
import {
  countRows,
  planRows,
  planText,
  wantedBy,
  type LinkFacts,
  type PlanFacts,
} from '../../jobs/retro-to-tickets/plan.js';
import { pairDuplicates } from '../../jobs/retro-to-tickets/same-as.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const all = {
  name: 'jira',
  kind: 'jira',
  capabilities: { fields: ['labels', 'type', 'status', 'priority', 'parent', 'assignee'], ownFields: true },
};
const few = { name: 'web', kind: 'github', capabilities: { fields: ['labels', 'assignee'], ownFields: false } };

function record(id: number, fields: Partial<RetroRecord> = {}): RetroRecord {
  const text = fields.text ?? `Fix number ${id}`;
  return {
    itemId: String(id),
    type: 'sticky_note',
    kind: 'task',
    reason: 'it lies in the source',
    title: text,
    body: text,
    text,
    weight: 0,
    votes: { tags: 0, emoji: 0, stacked: 0, file: 0 },
    relations: [],
    order: id,
    tags: [],
    absolute: { x: id * 10, y: 0 },
    relative: { x: id * 10, y: 0 },
    url: `https://miro.com/app/board/b=/?moveToWidget=${id}`,
    duplicates: [],
    words: text.toLowerCase(),
    ...fields,
  };
}

const link = (id: number, words: string): LinkFacts => ({
  itemId: String(id),
  ticket: { id: `t${id}`, key: `T-${id}` },
  fingerprint: sha256(words),
  words,
  x: id * 10,
  y: 0,
  title: words,
  merged: [],
});

const facts = (fields: Partial<PlanFacts>): PlanFacts => ({
  records: [],
  dropped: [],
  links: [],
  mapping: { version: 1 },
  tracker: all,
  accounts: new Map(),
  fingerprintOf: sha256,
  ...fields,
});
const only = (one: RetroRecord, mapping: Partial<TicketMapping> = {}, more: Partial<PlanFacts> = {}): PlanRow => {
  const [row] = planRows(facts({ records: [one], mapping: { version: 1, ...mapping }, ...more }));
  if (!row) throw new Error('no row');
  return row;
};

describe('a ticket of a record', () => {
  it('tells by default who wrote it, its votes, what it has to do with, and where it lies', () => {
    const other = record(2, { text: 'Ask [ops]' });
    const one = record(1, {
      author: { id: 'u1', name: 'Anna *B*' },
      weight: 3,
      duplicates: ['8', '9'],
      relations: [{ itemId: '2' }, { itemId: '77' }],
    });
    expect(planRows(facts({ records: [one, other] }))[0]?.body).toBe(
      [
        'Fix number 1',
        '',
        'By Anna \\*B\\* · 3 votes · merged with 2 items of the same words · related: [Ask \\[ops\\]](https://miro.com/app/board/b=/?moveToWidget=2) · [on the board](https://miro.com/app/board/b=/?moveToWidget=1)',
      ].join('\n'),
    );
  });

  it('takes fields by kind, then by column, then by color; labels are added', () => {
    const mapping = {
      labels: ['retro'],
      type: 'Task',
      priority: 'Low',
      kinds: { task: { priority: 'Mid', labels: ['task'] } },
      columns: { 'to *': { status: 'Open', labels: ['retro'] } },
      colors: { red: { priority: 'High', fields: { b: 2 } } },
      fields: { a: 1, b: 1 },
    };
    expect(only(record(1, { column: 'To do', color: 'red' }), mapping)).toMatchObject({
      ...{ labels: ['retro', 'task'], ticketType: 'Task', priority: 'High', status: 'Open', fields: { a: 1, b: 2 } },
    });
  });

  it('fills templates, whose plain values mean themselves in Markdown', () => {
    const one = record(1, { body: '**now**', column: 'a*b', createdAt: '2026-03-01T10:00:00Z', tags: ['x', 'y'] });
    const mapping = {
      title: '{{column}}: {{title}}\n{{group}}',
      body: '{{body}} {{column}} {{created}} {{tags}} \\{{x}}',
    };
    expect(only(one, mapping)).toMatchObject({
      title: 'a*b: Fix number 1',
      body: '**now** a\\*b 2026-03-01 x, y {{x}}',
    });
  });

  it('becomes whose the mapping, else the tracker says; others are named in the text', () => {
    const anna = record(1, { author: { id: 'u1', name: 'Anna Berg', email: 'Anna@Example.com' }, mention: 'bob' });
    expect(only(anna, { assignee: 'author', people: { 'anna@example.com': 'acc-1' } }).assignee).toBe('acc-1');
    expect(only(anna, { assignee: 'author' }, { accounts: new Map([['author:u1', 'acc-2']]) }).assignee).toBe('acc-2');
    expect(only(anna, { assignee: 'mention', people: { 'Bob Stone': 'acc-3' } }).assignee).toBe('acc-3');
    const people = { 'Bob Stone': 'acc-3', 'Bob Wood': 'acc-4' };
    const row = only(anna, { assignee: 'mention', people });
    expect(row.assignee).toBeUndefined();
    expect(row.body).toMatch(/Assigned to: bob \(no account found\)$/);
    expect(unmappedAssignees([anna, anna], { assignee: 'mention', people })).toEqual([
      { key: 'mention:bob', name: 'bob' },
    ]);
  });

  it.each<[Partial<TicketMapping>, string]>([
    [
      { columns: { Done: { priority: 'Low' } } },
      'the mapping sets priority, which tracker "web" (github) does not have; take it out of the mapping',
    ],
    [
      { type: 'Bug', fields: { a: 1 } },
      'the mapping sets type and fields.a, which tracker "web" (github) does not have; take them out of the mapping',
    ],
  ])('has nothing that the tracker lacks: %j', (mapping, told) => {
    expect(() => only(record(1), mapping, { tracker: few })).toThrow(told);
  });
});

describe('a plan', () => {
  const records = [record(3, { order: 0 }), record(1), record(2)];
  const dropped = [{ itemId: '7', type: 'text', text: 'Went well', reason: 'heading', url: 'u' }];

  it('stands in reading order, then what is dropped, then what is deleted', () => {
    const links = [link(1, 'fix number 1'), link(2, 'other words'), link(9, 'gone'), link(7, 'went well')];
    const rows = planRows(facts({ records, dropped, links }));
    expect(rows.map(({ itemId, decision }) => `${itemId} ${decision}`)).toEqual([
      ...['3 create', '1 existing', '2 changed', '7 dropped', '9 deleted'],
    ]);
    expect(rows[3]).toMatchObject({ reason: 'heading; its ticket T-7 stays', ticket: { key: 'T-7' } });
    expect(countRows(rows)).toEqual({ create: 1, existing: 1, changed: 1, dropped: 1, deleted: 1 });
  });

  it('makes no second ticket of words that have one at another item', () => {
    const one = record(1, { duplicates: ['4', '5'] });
    const same = ['4', '5'].map((itemId) => ({
      itemId,
      type: 'card',
      text: 'x',
      reason: 'duplicate of 1',
      url: `u${itemId}`,
    }));
    const two = record(2, { relations: [{ itemId: '1' }] });
    const rows = planRows(facts({ records: [one, two], dropped: same, links: [link(5, 'fix number 1')] }));
    expect(rows.map(({ itemId, decision, reason }) => `${itemId} ${decision}: ${reason}`)).toEqual([
      '5 existing: it has ticket T-5',
      '2 create: it lies in the source',
      '4 dropped: duplicate of 5',
      '1 dropped: duplicate of 5',
    ]);
    expect(rows[1]?.record?.relations).toEqual(['5']);
  });

  it('leaves the ticket of words whose item is gone to an item that said the same', () => {
    const ticketed = { ...link(1, 'fix number 3'), merged: ['2', '3'] };
    const [two, three] = [record(2), record(3, { relations: [{ itemId: '4' }] })];
    const four = record(4, { relations: [{ itemId: '3' }] });
    const rows = planRows(facts({ records: [two, three, four], links: [ticketed, link(9, 'gone')] }));
    expect(rows.map(({ itemId, decision }) => `${itemId} ${decision}`)).toEqual([
      ...['2 create', '1 existing', '4 create', '9 deleted'],
    ]);
    expect(rows[1]).toMatchObject({ url: three.url, ticket: { key: 'T-1' }, record: { duplicates: ['3'] } });
    expect(rows[2]?.record?.relations).toEqual(['1']);
    // the one that has taken it over may then read otherwise, as any item with a ticket
    const later = planRows(facts({ records: [record(3, { text: 'Other' })], links: [{ ...ticketed, merged: ['3'] }] }));
    expect(later).toMatchObject([{ itemId: '1', decision: 'changed', title: 'Other' }]);
    // and one that has a ticket of its own takes over none
    const own = planRows(facts({ records: [three], links: [ticketed, link(3, 'fix number 3')] }));
    expect(own.map(({ itemId, decision }) => `${itemId} ${decision}`)).toEqual(['3 existing', '1 deleted']);
  });

  it('has one text for the same tickets, and another one for others', () => {
    const rows = planRows(facts({ records, dropped }));
    const moved = planRows(
      facts({ records: records.map((one) => ({ ...one, order: 9 - one.order, absolute: { x: 0, y: 0 } })) }),
    );
    expect(planText(moved, { tracker: 'jira' })).toBe(
      planText(rows, { tracker: 'jira', linkBack: 'list', onChange: 'ignore' }),
    );
    expect(planText(rows, { tracker: 'jira', linkBack: 'card' })).not.toBe(planText(rows, { tracker: 'jira' }));
    expect(
      planText(planRows(facts({ records, mapping: { version: 1, labels: ['x'] } })), { tracker: 'jira' }),
    ).not.toBe(planText(rows, { tracker: 'jira' }));
  });

  it('has another text once another tracker has taken the name', () => {
    const rows = planRows(facts({ records, dropped }));
    const into = (url: string) =>
      planText(rows, { tracker: 'crm' }, { settings: { kind: 'webhook', config: { url } } });
    expect(into('https://a.example')).toBe(into('https://a.example'));
    expect(into('https://a.example')).not.toBe(into('https://b.example'));
  });

  it('holds changed tickets only where something becomes of them', () => {
    const rows = planRows(facts({ records, links: [link(1, 'other')] }));
    const without = planRows(facts({ records, links: [link(1, 'fix number 1')] }));
    expect(planText(rows, { tracker: 'a' })).toBe(planText(without, { tracker: 'a' }));
    expect(planText(rows, { tracker: 'a', onChange: 'update' })).not.toBe(
      planText(without, { tracker: 'a', onChange: 'update' }),
    );
  });

  it('says what it wants of the tracker', () => {
    const rows = planRows(facts({ records, mapping: { version: 1, type: 'Bug', fields: { a: 1 } } }));
    expect(wantedBy(rows)).toEqual({
      types: ['Bug'],
      statuses: [],
      priorities: [],
      parents: [],
      assignees: [],
      fields: ['a'],
    });
  });
});

describe('edits', () => {
  const rows = planRows(
    facts({
      records: [1, 2, 3].map((id) => record(id)),
      dropped: [{ itemId: '7', type: 'text', text: 'x', reason: 'empty', url: 'u' }],
      mapping: { version: 1, priority: 'Low' },
    }),
  );

  it('take rows out and change fields', () => {
    const edited = applyEdits(rows, { drop: ['1'], set: { '2': { title: 'New', priority: null, type: 'Bug' } } }, all);
    expect(edited.map(({ itemId, decision }) => `${itemId} ${decision}`)).toEqual([
      '2 create',
      '3 create',
      '1 dropped',
      '7 dropped',
    ]);
    expect(edited[0]).toMatchObject({ title: 'New', ticketType: 'Bug' });
    expect(edited[0]).not.toHaveProperty('priority');
    expect(edited[2]?.reason).toBe('taken out of the plan by a person');
  });

  it.each([
    [{ drop: ['1', '42', '43'] }, 'the edits name 42, 43, which the plan does not have'],
    [{ set: { '7': { title: 'a' } } }, 'the edits change item 7, of which the plan makes no ticket (empty)'],
    [
      { set: { '1': { priority: 'High' } } },
      'the edit of item 1 sets priority, which tracker "web" (github) does not have',
    ],
  ])('are refused: %j', (edits, told) => expect(() => applyEdits(rows, edits, few)).toThrow(told));
});

describe('a plan as a file', () => {
  const rows = planRows(
    facts({
      records: [1, 2, 3].map((id) => record(id)),
      dropped: [{ itemId: '7', type: 'text', text: '', reason: 'empty', url: 'u' }],
    }),
  );
  const hashOf = (of: readonly PlanRow[]): string => sha256(planText(of, { tracker: 'jira' }));
  const plan: RetroPlan = {
    planId: 'p',
    hash: hashOf(rows),
    board: { boardId: 'b=', name: 'Retro', url: 'u' },
    tracker: 'jira',
    counts: countRows(rows),
    rows: rows.length,
    credits: 0,
  };
  const edited = (change: (file: RetroPlanFile) => void): RetroPlanFile => {
    const file = JSON.parse(JSON.stringify(planFileOf(plan, { board: 'b=' }, rows))) as RetroPlanFile;
    change(file);
    return parsePlanFile(file);
  };
  const now = (...records: RetroRecord[]) => {
    const fresh = planRows(facts({ records }));
    return { hash: hashOf(fresh), rows: fresh };
  };
  const same = { hash: plan.hash, rows };

  it('comes back as it was without any edit', () => {
    expect(
      editsBetween(
        same,
        edited(() => undefined),
        false,
      ),
    ).toEqual({ edits: {}, changes: [] });
  });

  it('tells what a person changed', () => {
    const file = edited((one) => {
      one.rows = one.rows.filter(({ itemId }) => itemId !== '1');
      Object.assign(one.rows[0] ?? {}, { title: 'New', assignee: 'anna', labels: ['a'] });
      Object.assign(one.rows[1] ?? {}, { decision: 'dropped' });
    });
    const set = { '2': { title: 'New', assignee: 'anna', labels: ['a'] } };
    expect(editsBetween(same, file, false)).toEqual({ edits: { drop: ['1', '3'], set }, changes: [] });
  });

  it('is refused when the board has changed, and says how', () => {
    const fresh = now(record(1), record(2, { text: 'Other' }), record(4));
    expect(() =>
      editsBetween(
        fresh,
        edited(() => undefined),
        false,
      ),
    ).toThrow(
      'the board has changed since the plan was made: item 2 reads "Other" and no longer "Fix number 2"; item 3 ("Fix number 3") is gone; item 4 ("Fix number 4") is new; make a new plan, or accept the changes (--accept-changes)',
    );
  });

  it('makes only what the person has seen when changes are accepted', () => {
    const file = edited((one) => Object.assign(one.rows[0] ?? {}, { title: 'Mine' }));
    const { edits, changes } = editsBetween(now(record(1, { text: 'Other' }), record(4)), file, true);
    expect(edits).toEqual({ drop: ['4'], set: { '1': { title: 'Mine' } } });
    expect(changes).toHaveLength(4);
  });

  it.each<[string, (file: RetroPlanFile) => void, string]>([
    [
      'a foreign item',
      (file) => file.rows.push({ ...file.rows[0], itemId: '99' } as never),
      'rows[4].itemId is no item of this plan ("99")',
    ],
    ['a row twice', (file) => file.rows.push(file.rows[0] as never), 'rows[4].itemId repeats rows[0] (1)'],
    [
      'an unknown field',
      (file) => Object.assign(file.rows[1] ?? {}, { titel: 'x' }),
      'rows[1] has the unknown field "titel": did you mean title?',
    ],
    ['an empty title', (file) => Object.assign(file.rows[1] ?? {}, { title: '' }), 'rows[1].title is empty'],
    [
      'a changed row without ticket',
      (file) => Object.assign(file.rows[3] ?? {}, { title: 'x' }),
      'rows[3] changes item 7, of which no ticket is made',
    ],
    [
      'a ticket for a dropped row',
      (file) => Object.assign(file.rows[3] ?? {}, { decision: 'create' }),
      'rows[3].decision was "dropped"',
    ],
    ['another version', (file) => Object.assign(file, { version: 2 }), "version can't be 2"],
  ])('is refused with %s', (_, change, told) => expect(() => edited(change)).toThrow(told));

  it('is refused when it is something else', () => {
    expect(() => parsePlanFile([])).toThrow('the plan file is a list: give an object');
    expect(() => parsePlanFile({})).toThrow('rows is missing');
  });
});

describe('a duplicate of a board', () => {
  it('has the tickets of the same words, by the nearest place, each once', () => {
    const here = [
      record(11, { words: 'a', absolute: { x: 1010, y: 0 } }),
      record(12, { words: 'b', absolute: { x: 1500, y: 0 } }),
    ];
    const twins = [
      record(13, { words: 'b', absolute: { x: 1100, y: 0 } }),
      record(14, { words: 'b', absolute: { x: 1101, y: 0 } }),
    ];
    const old = [link(1, 'a'), { ...link(2, 'b'), x: 100 }, { ...link(3, 'b'), x: 510 }, link(4, '')];
    expect([...pairDuplicates([...here, ...twins, record(15, { words: '' })], old)]).toEqual([
      ...[
        ['11', '1'],
        ['13', '2'],
        ['12', '3'],
      ],
    ]);
  });
});

describe('exported rows', () => {
  const board = { boardId: 'b=', name: 'Retro', url: 'https://miro.com/app/board/b=/' };
  const rows = planRows(
    facts({
      records: [record(1, { text: '=1+1', color: 'red' }), record(2, { text: '-x|y', absolute: { x: -5, y: 0 } })],
      links: [link(9, 'gone')],
    }),
  );

  it('are no formulas to a spreadsheet', () => {
    const csv = exportRows({ board, rows }, 'csv');
    expect(csv.split('\r\n')[0]).toMatch(/^"item","item_type","decision"/);
    const [first, second] = parse<Record<string, string>>(csv, { columns: true });
    expect(first).toMatchObject({ title: "'=1+1", color: 'red' });
    expect(second).toMatchObject({ title: "'-x|y", x: '-5' });
  });

  it('keep every text in CSV', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (body) => {
        const [row] = parse<Record<string, string>>(
          exportRows({ board, rows: [{ ...rows[0], body } as PlanRow] }, 'csv'),
          {
            columns: true,
          },
        );
        expect([body, `'${body}`]).toContain(row?.['body']);
      }),
    );
  });

  it('are a document of Markdown: what was said by column, what is gone, what was left out', () => {
    const said = [
      record(1, { column: 'Went *well*', weight: 2, text: 'Ship [it]' }),
      record(2, { column: 'Next', text: 'Long', body: 'Long\n\nstory' }),
      record(3, { text: 'Alone' }),
    ];
    const dropped = [{ itemId: '4', type: 'text', text: 'Next', reason: 'heading', url: 'https://miro/4' }];
    const document = exportRows(
      { board, rows: planRows(facts({ records: said, dropped, links: [link(9, 'gone')] })) },
      'md',
    );
    expect(document.match(/^#.*$/gm)).toEqual([
      '# [Retro](https://miro.com/app/board/b=/)',
      ...['## Went \\*well\\*', '## Next', '## Beside the columns', '## Gone from the board', '## Left out'],
    ]);
    expect(document).toMatch(/^- \[Ship \\\[it\\\]\]\(\S+\) · 2 votes/m);
    expect(document).toMatch(/^- \[Long.*\n\n {2}Long/m);
    expect(document.trimEnd()).toMatch(/- \[Next\]\(https:\/\/miro\/4\) · heading$/);
  });

  it('have their fields in one order in JSON, wherever they come from', () => {
    const mixed = rows.map((row) => Object.fromEntries(Object.entries(row).reverse()) as unknown as PlanRow);
    expect(exportRows({ board, rows: mixed }, 'json')).toBe(exportRows({ board, rows }, 'json'));
  });
});
