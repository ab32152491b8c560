import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Blueprint, BlueprintFrame, BlueprintItem, BoardSpec, MemberInput } from '../../contract.js';
import { changes, differences } from '../../jobs/provision-board/differences.js';
import { canvasBox, fits } from '../../jobs/provision-board/geometry.js';
import { connectorBody, itemBody, planBoard, planText } from '../../jobs/provision-board/plan.js';
import { canonicalJson, specOf } from '../../jobs/provision-board/spec.js';

const credits = {
  boardCreate: 500,
  boardCopy: 2000,
  boardUpdate: 100,
  item: 100,
  connector: 100,
  tag: 50,
  attach: 50,
  share: 500,
  memberUpdate: 100,
};
const options = { marker: '[tm:abc.1]', credits };
const spec = (blueprint: Omit<Blueprint, 'version'>, more: Partial<BoardSpec> = {}): BoardSpec => ({
  template: { blueprint: { version: 1, ...blueprint } },
  name: 'Board',
  ...more,
});
const plan = (blueprint: Omit<Blueprint, 'version'>, more: Partial<BoardSpec> = {}) =>
  planBoard(spec(blueprint, more), options);

const frame: BlueprintFrame = {
  id: 'f',
  title: 'Frame',
  position: { x: 100, y: -50 },
  geometry: { width: 1000, height: 800 },
};
const note = (id: string, fields: Partial<BlueprintItem> = {}): BlueprintItem => ({
  id,
  type: 'sticky_note',
  position: { x: 500, y: 400 },
  ...fields,
});

describe('planBoard', () => {
  it('ends the description with the marker', () => {
    expect(plan({}, { description: 'For {{who}}', placeholders: { who: 'you' } }).board.description).toBe(
      'For you [tm:abc.1]',
    );
    expect(plan({}).board.description).toBe('[tm:abc.1]');
  });

  it('writes frames first, then items in their order, at most 20 at once', () => {
    const items = Array.from({ length: 41 }, (_, i) => note(`n${i}`, { frame: 'f' }));
    const { batches } = plan({ frames: [frame], items });
    expect(batches.map(({ length }) => length)).toEqual([1, 20, 20, 1]);
    expect(batches.flat().map(({ id }) => id)).toEqual(['f', ...items.map(({ id }) => id)]);
  });

  it('sends flowchart shapes alone: bulk create does not list them', () => {
    const flow = note('flow', { type: 'shape', shape: 'flow_chart_decision' });
    const { batches } = plan({ items: [note('a'), flow, note('b'), note('c')] });
    expect(batches.map((batch) => batch.map(({ id }) => id))).toEqual([['a'], ['flow'], ['b', 'c']]);
  });

  it('sends text as escaped HTML, and frame and tag titles as plain text', () => {
    const { batches, tags } = plan(
      {
        frames: [{ ...frame, title: '{{x}}' }],
        items: [note('a', { content: '1 < 2\n{{x}}' })],
        tags: [{ id: 't', title: '{{x}}' }],
      },
      { placeholders: { x: '<b>' } },
    );
    expect(batches.flat().map(({ body }) => body.data)).toEqual([
      { title: '<b>', format: 'custom', type: 'freeform' },
      { content: '1 &lt; 2<br>&lt;b&gt;' },
    ]);
    expect(tags[0]?.body.title).toBe('<b>');
  });

  it('turns canvas positions of framed items into frame positions', () => {
    const { batches } = plan({
      frames: [frame],
      items: [note('a', { frame: 'f', position: { x: 100, y: -50, relativeTo: 'canvas' } })],
    });
    const item = batches[1]?.[0];
    expect(item && itemBody(item, '77')).toEqual({
      type: 'sticky_note',
      data: {},
      position: { x: 500, y: 400 },
      parent: { id: '77' },
    });
  });

  it('makes the fill and border of shapes visible unless told otherwise', () => {
    const styles = plan({
      items: [
        note('a', { type: 'shape', style: { fillColor: '#ffffff' } }),
        note('b', { type: 'shape', style: { borderOpacity: '0' } }),
      ],
    }).batches.flat();
    expect(styles.map(({ body }) => body.style)).toEqual([
      { fillColor: '#ffffff', fillOpacity: '1.0', borderOpacity: '1.0' },
      { borderOpacity: '0' },
    ]);
  });

  it('puts the record card beside the content, with a link', () => {
    const { record } = plan({ frames: [frame] }, { recordUrl: 'https://crm.example.com/?a=1&b=2' });
    expect(record?.body.data['description']).toBe(
      '<a href="https://crm.example.com/?a=1&amp;b=2">https://crm.example.com/?a=1&amp;b=2</a>',
    );
    expect((record?.body.position.x ?? 0) + 160).toBeLessThan(-400);
  });

  it('marks cards when it is given markers', () => {
    const marked = planBoard(
      spec({ items: [note('c', { type: 'card', description: 'x' })] }, { recordUrl: 'https://a.b' }),
      {
        ...options,
        cardMarker: (id) => `[tm:${id}]`,
      },
    );
    expect(marked.batches[0]?.[0]?.body.data['description']).toBe('x [tm:c]');
    expect(marked.record?.body.data['description']).toMatch(/ \[tm:@record\]$/);
  });

  it('joins connectors and tags to items', () => {
    const planned = plan({
      items: [note('a', { tags: ['t'] }), note('b')],
      tags: [{ id: 't', title: 'Tag', fillColor: 'red' }],
      connectors: [{ id: 'c', from: 'a', to: 'b', shape: 'straight', caption: 'x' }],
    });
    expect(planned.attachments).toEqual([{ itemId: 'a', tagId: 't' }]);
    const [connector] = planned.connectors;
    expect(connector && connectorBody(connector, { from: '1', to: '2' })).toEqual({
      shape: 'straight',
      captions: [{ content: 'x' }],
      startItem: { id: '1' },
      endItem: { id: '2' },
    });
  });

  it('groups members by role, at most 20 e-mails each, and ids apart', () => {
    const many: MemberInput[] = Array.from({ length: 41 }, (_, i) => ({ email: `m${i}@example.com`, role: 'viewer' }));
    const { members } = plan(
      {},
      { members: [...many, { email: 'e@example.com', role: 'editor' }, { userId: '5', role: 'coowner' }] },
    );
    expect(members.shares.map(({ role, emails }) => [role, emails.length])).toEqual([
      ['viewer', 20],
      ['viewer', 20],
      ['viewer', 1],
      ['editor', 1],
    ]);
    expect(members.byId).toEqual([{ userId: '5', role: 'coowner' }]);
  });

  it('adds up the credits of its steps', () => {
    const planned = planBoard(
      {
        template: { copyFrom: 'abc' },
        name: 'Board',
        projectId: '5',
        members: [{ email: 'a@example.com', role: 'viewer' }],
      },
      options,
    );
    expect(planned.steps.map(({ step, credits }) => [step, credits])).toEqual([
      ['copy board', 2000],
      ['put board into project', 100],
      ['share as viewer', 500],
    ]);
    expect(planned.credits).toBe(2600);
  });

  it('has one text for equal specs, whatever the order of their fields', () => {
    const a = spec({ items: [note('a')] });
    const b = { name: a.name, template: a.template };
    expect(planText(planBoard(a, options))).toBe(planText(planBoard(b, options)));
  });
});

const finite = fc.integer({ min: -5000, max: 5000 });
const frames = fc.record({
  x: finite,
  y: finite,
  width: fc.integer({ min: 1000, max: 4000 }),
  height: fc.integer({ min: 1000, max: 4000 }),
});

it('keeps geometry: an item lies where it was put, absolute or relative to its frame', () => {
  fc.assert(
    fc.property(
      frames,
      fc.nat(700),
      fc.nat(700),
      fc.integer({ min: -360, max: 360 }),
      ({ x, y, width, height }, dx, dy, rotation) => {
        const into: BlueprintFrame = { id: 'f', title: 'F', position: { x, y }, geometry: { width, height } };
        const inside = { type: 'shape', frame: 'f', geometry: { width: 200, height: 100, rotation } } as const;
        const relative = note('a', { ...inside, position: { x: 150 + dx, y: 150 + dy } });
        const { x: canvasX, y: canvasY } = canvasBox(into, relative);
        const absolute = note('a', { ...inside, position: { x: canvasX, y: canvasY, relativeTo: 'canvas' } });
        const [sent] = plan({ frames: [into], items: [absolute] }).batches[1] ?? [];
        expect(sent?.body.position.x).toBeCloseTo(150 + dx, 6);
        expect(sent?.body.position.y).toBeCloseTo(150 + dy, 6);
        expect(fits(into, absolute)).toBe(true);
        expect(canvasBox(into, absolute)).toEqual({ ...canvasBox(into, relative) });
      },
    ),
  );
});

describe('specOf', () => {
  it('keeps what is compared, with members in one order', () => {
    const input = { ...spec({}), tenant: 't', connectionId: 'c', key: 'k', collision: 'fail' } as const;
    const members: MemberInput[] = [
      { email: 'B@example.com', role: 'viewer' },
      { email: 'a@example.com', role: 'viewer' },
    ];
    expect(specOf({ ...input, members })).toEqual({
      ...spec({}),
      members: [
        { email: 'a@example.com', role: 'viewer' },
        { email: 'b@example.com', role: 'viewer' },
      ],
    });
  });
});

describe('canonicalJson', () => {
  it('is JSON whose text does not depend on the order of fields', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const reversed = Object.fromEntries(Object.entries(data).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(data));
        expect(JSON.parse(canonicalJson(data))).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });

  it('refuses what JSON cannot hold', () => {
    expect(() => canonicalJson({ a: NaN })).toThrow(TypeError);
  });
});

describe('differences', () => {
  const before = spec(
    {
      frames: [frame],
      items: [
        note('a', { frame: 'f', content: 'Hi {{who}}' }),
        note('b', { frame: 'f' }),
        note('gone', { content: 'Bye' }),
      ],
      connectors: [{ id: 'c', from: 'a', to: 'b' }],
    },
    { placeholders: { who: 'Anna' }, members: [{ email: 'a@example.com', role: 'viewer' }] },
  );

  it('are none between equal specs', () => {
    expect(differences(before, before)).toEqual([]);
    const texts = fc.string();
    const arbitrary = fc.record({ name: texts, description: texts, x: fc.integer(), content: texts });
    fc.assert(
      fc.property(arbitrary, ({ name, description, x, content }) => {
        const made = () =>
          spec(
            { items: [note('a', { content: content.replaceAll('{', ''), position: { x, y: 0 } })] },
            { name: name.replaceAll('{', ''), description: description.replaceAll('{', '') },
          );
        expect(differences(made(), made())).toEqual([]);
      }),
    );
  });

  it('name each part by its id, in plain words', () => {
    const after = spec(
      {
        frames: [frame],
        items: [
          note('new', { type: 'shape', content: 'Box' }),
          note('a', { frame: 'f', content: 'Hi {{who}}' }),
          note('b', { frame: 'f', position: { x: 300, y: 400 }, style: { fillColor: 'red' } }),
        ],
        connectors: [{ id: 'c', from: 'b', to: 'a' }],
      },
      {
        placeholders: { who: 'Ben' },
        members: [
          { email: 'a@example.com', role: 'editor' },
          { userId: '5', role: 'viewer' },
        ],
        name: 'New',
      },
    );
    expect(differences(before, after).map(({ field, before, after }) => [field, before, after])).toEqual([
      ['name', 'Board', 'New'],
      ['items.a.content', 'Hi Anna', 'Hi Ben'],
      ['items.b.position', '500, 400 in f', '300, 400 in f'],
      ['items.b.style', '', 'fillColor red'],
      ['items.gone', 'sticky note: Bye', ''],
      ['items.new', '', 'shape: Box'],
      ['connectors.c.ends', 'a → b', 'b → a'],
      ['members.a@example.com', 'viewer', 'editor'],
      ['members.5', '', 'viewer'],
    ]);
  });

  it('know a canvas position and a frame position of one place as equal', () => {
    const put = (position: BlueprintItem['position']) =>
      spec({ frames: [frame], items: [note('a', { frame: 'f', position })] });
    expect(differences(put({ x: 500, y: 400 }), put({ x: 100, y: -50, relativeTo: 'canvas' }))).toEqual([]);
  });

  it('tell a change of order', () => {
    const order = (...ids: string[]) => spec({ items: ids.map((id) => note(id)) });
    expect(changes(order('a', 'b'), order('b', 'a'))).toMatchObject([
      { kind: 'reordered', before: 'a, b', after: 'b, a' },
    ]);
  });

  it('name changed placeholders of a copied board, whose texts are not known', () => {
    const copy = (who: string): BoardSpec => ({
      template: { copyFrom: 'abc' },
      name: 'Board',
      placeholders: { who: { name: who } },
    });
    expect(differences(copy('Anna'), copy('Ben'))).toMatchObject([
      { field: 'placeholders.who.name', before: 'Anna', after: 'Ben' },
    ]);
    expect(changes(copy('Anna'), before)[0]).toMatchObject({
      part: 'template',
      before: 'a copy of abc',
      after: 'a blueprint',
    });
  });

  it('shorten long texts', () => {
    const [long] = differences(spec({}), spec({}, { description: 'x'.repeat(200) }));
    expect(long?.after).toHaveLength(80);
  });
});
