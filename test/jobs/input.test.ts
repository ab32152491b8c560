import { describe, expect, it } from 'vitest';
import { MAX_INPUT_BYTES } from '../../contract.js';
import { INPUT_LIMIT_BYTES, InvalidInput, parseProvisionInput } from '../../jobs/provision-board/input.js';

const blueprint = {
  version: 1,
  frames: [{ id: 'board', title: 'Board', position: { x: 0, y: 0 }, geometry: { width: 800, height: 600 } }],
  items: [
    {
      id: 'note',
      type: 'sticky_note',
      frame: 'board',
      position: { x: 200, y: 200 },
      content: 'Hello {{project.name}}',
    },
    { id: 'box', type: 'shape', position: { x: 900, y: 0 } },
    { id: 'card', type: 'card', position: { x: -900, y: 0 }, title: 'Card' },
  ],
  connectors: [{ id: 'line', from: 'note', to: 'box' }],
  tags: [{ id: 'tag', title: 'Tag' }],
};
const valid = {
  tenant: 'acme',
  connectionId: 'default',
  key: 'project:4711',
  name: 'Board of {{project.name}}',
  placeholders: { project: { name: 'Apollo' } },
  template: { blueprint },
};

const item = (fields: object) => ({
  template: { blueprint: { version: 1, items: [{ id: 'a', position: { x: 0, y: 0 }, ...fields }] } },
});
const framed = (fields: object) => ({
  template: {
    blueprint: { ...blueprint, connectors: [], items: [{ id: 'a', type: 'sticky_note', frame: 'board', ...fields }] },
  },
});
const parts = (fields: object) => ({ template: { blueprint: { ...blueprint, ...fields } } });
const members = (...list: unknown[]) => ({ members: list });

function refusal(changes: object): string {
  try {
    parseProvisionInput({ ...valid, ...changes });
  } catch (err) {
    if (err instanceof InvalidInput) return err.message;
    throw err;
  }
  throw new Error('was not refused');
}

it('keeps a valid input as it is', () => {
  const input = {
    ...valid,
    description: 'One board',
    members: [{ email: 'anna@example.com', role: 'editor' }],
    teamId: '3074457345618265000',
  };
  expect(parseProvisionInput(input)).toEqual(input);
});

it('takes the id out of the address of a board', () => {
  const of = (copyFrom: string) => parseProvisionInput({ ...valid, template: { copyFrom } }).template;
  for (const address of [
    'uXjVOD6LSME=',
    'https://miro.com/app/board/uXjVOD6LSME=/',
    'https://miro.com/app/board/uXjVOD6LSME%3D/?a=1',
  ]) {
    expect(of(address)).toEqual({ copyFrom: 'uXjVOD6LSME=' });
  }
});

it('shares its size limit with the contract', () => {
  expect(INPUT_LIMIT_BYTES).toBe(MAX_INPUT_BYTES);
});

it('names every problem at once', () => {
  const message = refusal({ tenant: 'ACME', deadlineMs: 1, colour: 'red' });
  expect(message.split('\n')).toHaveLength(3);
});

describe.each<[what: string, changes: object, sentence: RegExp]>([
  ['an unknown field', { nmae: 'x' }, /^input has the unknown field "nmae": did you mean name\?/],
  [
    'an unknown field deep inside',
    item({ type: 'sticky_note', conten: 'x' }),
    /items\[0\] has the unknown field "conten": did you mean content\?/,
  ],
  ['a name of 61 characters', { name: 'x'.repeat(61) }, /^name is 61 characters long .*: Miro allows 60/],
  [
    'a name that grows with its placeholders',
    { placeholders: { project: { name: 'x'.repeat(60) } } },
    /^name is 69 characters long/,
  ],
  ['a blank name', { name: ' ' }, /^name is blank/],
  [
    'a description that leaves no room for the marker',
    { description: 'x'.repeat(261) },
    /^description is 261 characters/,
  ],
  [
    'a description with a marker in it',
    { description: 'x [tm:0123456789abcdef0123.1]' },
    /^description holds the marker of a job/,
  ],
  [
    'a text that its placeholder leaves blank',
    { ...item({ type: 'text', content: '{{x}}' }), name: 'N', placeholders: { x: ' ' } },
    /items\[0\]\.content is blank/,
  ],
  [
    'a placeholder without a value',
    { placeholders: {} },
    /^placeholders\.project\.name has no value, but name and 1 more uses it: give/,
  ],
  ['an inherited placeholder', { name: '{{constructor.name}}' }, /^placeholders\.constructor\.name has no value/],
  [
    'a placeholder that is no text',
    { placeholders: { project: [] } },
    /^placeholders\.project is no text, number or object/,
  ],
  [
    'an e-mail that is none',
    members({ email: 'anna', role: 'viewer' }),
    /^members\[0\]\.email is no e-mail address \("anna"\)/,
  ],
  [
    'a member with e-mail and id',
    members({ email: 'a@b.co', userId: '1', role: 'viewer' }),
    /^members\[0\] needs exactly one/,
  ],
  ['a member without either', members({ role: 'viewer' }), /^members\[0\] needs exactly one/],
  [
    'the same member twice',
    members({ email: 'A@b.co', role: 'viewer' }, { email: 'a@b.co', role: 'editor' }),
    /^members\[1\] repeats members\[0\]/,
  ],
  ['a role by another name', members({ email: 'a@b.co', role: 'commentator' }), /did you mean commenter\?/],
  ['a missing role', members({ email: 'a@b.co' }), /^members\[0\]\.role is missing/],
  ['a team id that is a number', { teamId: 307445 }, /^teamId is 307445: write it in quotes/],
  ['an id with a slash', { projectId: '12/34' }, /^projectId is no Miro id \("12\/34"\)/],
  ['a board id with a slash', { template: { copyFrom: 'a/b' } }, /^template\.copyFrom is no board id/],
  ['two templates', { template: { copyFrom: 'abc', blueprint } }, /^template needs exactly one/],
  ['no template', { template: {} }, /^template needs exactly one/],
  ['a key with control characters', { key: 'a\tb' }, /^key holds control characters/],
  ['an empty key', { key: '' }, /^key is empty/],
  ['a record address of another scheme', { recordUrl: 'javascript:alert(1)' }, /^recordUrl is no http\(s\) address/],
  ['a deadline of more than 90 days', { deadlineMs: 91 * 86_400_000 }, /^deadlineMs is longer than 90 days/],
  ['an input of more than 256 KB', { description: 'x'.repeat(300_000) }, /^input has 3\d+ bytes as JSON/],
  [
    'an item outside its frame',
    framed({ position: { x: 50, y: 300 } }),
    /items\[0\]\.position puts "a" .* outside its frame "board".*keep x within 99\.5–700\.5/,
  ],
  [
    'an item larger than its frame',
    framed({ position: { x: 400, y: 300 }, geometry: { width: 900 } }),
    /make the item smaller/,
  ],
  [
    'a turned item whose corner leaves the frame',
    framed({ type: 'shape', position: { x: 52, y: 300 }, geometry: { rotation: 45 } }),
    /outside its frame/,
  ],
  [
    'a canvas position outside the frame',
    framed({ position: { x: 900, y: 0, relativeTo: 'canvas' } }),
    /outside its frame/,
  ],
  [
    'a frame that is not there',
    framed({ frame: 'bord', position: { x: 0, y: 0 } }),
    /items\[0\]\.frame names no frame: "bord"/,
  ],
  [
    'a frame below 100 × 100',
    parts({ frames: [{ id: 'f', title: '', position: { x: 0, y: 0 }, geometry: { width: 99, height: 100 } }] }),
    /frames\[0\]\.geometry\.width is 99: the least is 100/,
  ],
  ['an id used twice', parts({ tags: [{ id: 'note', title: 'x' }] }), /tags\[0\]\.id is "note" as items\[0\]\.id is/],
  ['an item type that is none', item({ type: 'sticky' }), /items\[0\]\.type can't be "sticky": use one of sticky_note/],
  [
    'a position that is no number',
    item({ type: 'shape', position: { x: NaN, y: 0 } }),
    /position\.x is NaN: give a finite number/,
  ],
  [
    'a sticky note with both sides',
    item({ type: 'sticky_note', geometry: { width: 9, height: 9 } }),
    /geometry has width and height/,
  ],
  [
    'a hex colour on a sticky note',
    item({ type: 'sticky_note', style: { fillColor: '#ffffff' } }),
    /style\.fillColor can't be "#ffffff": use one of gray/,
  ],
  [
    'a style value that is a number',
    item({ type: 'shape', style: { fontSize: 14 } }),
    /style\.fontSize is 14: write it in quotes/,
  ],
  [
    'a style value out of range',
    item({ type: 'shape', style: { borderWidth: '25' } }),
    /style\.borderWidth is out of range \("25"\): write 1 to 24/,
  ],
  [
    'a shape name that is none',
    item({ type: 'shape', shape: 'circel' }),
    /shape can't be "circel": did you mean circle\?/,
  ],
  [
    'text on a shape without any',
    item({ type: 'shape', shape: 'flow_chart_or', content: 'x' }),
    /content is not supported by flow_chart_or/,
  ],
  [
    'a text narrower than its letters',
    item({ type: 'text', content: 'x', style: { fontSize: '99' } }),
    /geometry\.width is 100, too narrow: give at least 169/,
  ],
  ['tags on a shape', item({ type: 'shape', tags: ['tag'] }), /items\[0\] has the unknown field "tags"/],
  ['nine tags', item({ type: 'card', tags: [...'abcdefghi'] }), /tags has more than 8 tags/],
  ['a tag that is not there', item({ type: 'card', tags: ['x'] }), /items\[0\]\.tags\[0\] names no tag: "x"/],
  [
    'two tags of one title',
    parts({
      tags: [
        { id: 't1', title: 'T' },
        { id: 't2', title: 'T' },
      ],
    }),
    /tags\[1\]\.title repeats "T"/,
  ],
  [
    'a connector to a frame',
    parts({ connectors: [{ id: 'c', from: 'note', to: 'board' }] }),
    /connectors\[0\]\.to is the frame "board"/,
  ],
  [
    'a connector to nothing',
    parts({ connectors: [{ id: 'c', from: 'note', to: 'nota' }] }),
    /connectors\[0\]\.to names no item: "nota"/,
  ],
  [
    'a connector to itself',
    parts({ connectors: [{ id: 'c', from: 'note', to: 'note' }] }),
    /connectors\[0\]\.to equals from/,
  ],
  [
    'a caption that is too long as HTML',
    parts({ connectors: [{ id: 'c', from: 'note', to: 'box', caption: '<'.repeat(51) }] }),
    /caption is longer than 200/,
  ],
])('parseProvisionInput on %s', (_what, changes, sentence) => {
  it('refuses it with one sentence of field, problem and remedy', () => {
    const message = refusal(changes);
    expect(message).toMatch(sentence);
    expect(message.split('\n')).toHaveLength(1);
  });
});

it('never shows what may be a secret', () => {
  const token = 'eyJhbGciOiJIUzI1NiJ9.secretsecretsecret';
  expect(refusal({ connectionId: `${token}/` })).not.toContain('secret');
  expect(refusal({ recordUrl: 'https://u:secret@h/' })).not.toContain('secret');
});

it('refuses what is no JSON, without overflowing', () => {
  const cycle: Record<string, unknown> = {};
  cycle['a'] = { b: cycle };
  expect(refusal({ placeholders: cycle })).toMatch(/^input is no JSON/);
  let deep: object = {};
  for (let i = 0; i < 1000; i++) deep = { deep };
  expect(refusal({ placeholders: deep })).toMatch(/^input is nested deeper than 32 levels/);
  expect(() => parseProvisionInput(undefined)).toThrow(InvalidInput);
});

it('cannot be reached through __proto__', () => {
  const placeholders = JSON.parse('{"__proto__": {"polluted": "yes"}}') as object;
  expect(refusal({ placeholders, name: '{{__proto__.polluted}}', template: { copyFrom: 'abc' } })).toMatch(
    /^placeholders\.__proto__/,
  );
});
