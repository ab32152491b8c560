import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as addFormats from 'ajv-formats';
import * as prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Blueprint, BlueprintItem } from '../../contract.js';
import { canvasBox, frameBox } from '../../jobs/provision-board/geometry.js';
import type { Box } from '../../jobs/provision-board/geometry.js';
import { blueprintJsonSchema, parseBlueprint } from '../../jobs/provision-board/schema.js';

const folder = new URL('../../jobs/provision-board/', import.meta.url);
const shipped = readdirSync(new URL('blueprints/', folder));
const load = (name: string): Blueprint =>
  parseBlueprint(parse(readFileSync(new URL(`blueprints/${name}`, folder), 'utf8')));

const validator = () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default.default(ajv);
  return ajv.compile(blueprintJsonSchema());
};

describe('the JSON Schema of blueprints', () => {
  it('is published as it is (npx vitest run test/jobs/blueprints.test.ts -u writes it anew)', async () => {
    const file = fileURLToPath(new URL('blueprint.schema.json', folder));
    const options = await prettier.resolveConfig(file);
    const text = await prettier.format(JSON.stringify(blueprintJsonSchema()), { ...options, filepath: file });
    await expect(text).toMatchFileSnapshot(file);
  });

  it('accepts the shipped blueprints and refuses unknown fields and colours', () => {
    const valid = validator();
    for (const name of shipped) expect(valid(load(name)), name).toBe(true);
    expect(valid({ version: 1, colour: 'red' })).toBe(false);
    const sticky = { id: 'a', type: 'sticky_note', position: { x: 0, y: 0 }, style: { fillColor: '#ffffff' } };
    expect(valid({ version: 1, items: [sticky] })).toBe(false);
  });
});

describe.each(shipped)('the blueprint %s', (name) => {
  const blueprint = load(name);
  const { frames = [], items = [] } = blueprint;
  const boxes = items.map((item) => ({
    item,
    box: canvasBox(
      frames.find(({ id }) => id === item.frame),
      item,
    ),
  }));

  it('has 20 to 45 items, each inside its frame', () => {
    expect(items.length).toBeGreaterThanOrEqual(20);
    expect(items.length).toBeLessThanOrEqual(45);
    expect(items.every(({ frame }) => frame !== undefined)).toBe(true);
  });

  it('has no frames that overlap', () => {
    const rectangles = frames.map((frame) => ({ id: frame.id, box: frameBox(frame) }));
    expect(
      pairs(rectangles)
        .filter(([a, b]) => overlap(a.box, b.box))
        .map(([a, b]) => `${a.id} ${b.id}`),
    ).toEqual([]);
  });

  it('has no items that overlap, but those that lie on a panel', () => {
    const clashes = pairs(boxes).filter(
      ([below, above]) => overlap(below.box, above.box) && !isPanel(below, above.box),
    );
    expect(clashes.map(([a, b]) => `${a.item.id} ${b.item.id}`)).toEqual([]);
  });

  it('has room for the text of each shape', () => {
    const cramped = items.filter((item) => item.type === 'shape' && textHeight(item) > (item.geometry?.height ?? 0));
    expect(cramped.map(({ id }) => id)).toEqual([]);
  });
});

it('ships three blueprints', () => {
  expect(shipped).toEqual(['project-kick-off.yaml', 'retrospective.yaml', 'stakeholder-map.yaml']);
});

const pairs = <T>(list: T[]): [T, T][] => list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]));

const overlap = (a: Box, b: Box): boolean =>
  Math.abs(a.x - b.x) * 2 < a.width + b.width && Math.abs(a.y - b.y) * 2 < a.height + b.height;

const isPanel = ({ item, box }: { item: BlueprintItem; box: Box }, above: Box): boolean =>
  item.type === 'shape' &&
  item.content === undefined &&
  Math.abs(box.x - above.x) * 2 + above.width <= box.width &&
  Math.abs(box.y - above.y) * 2 + above.height <= box.height;

function textHeight({ content = '', geometry, style }: BlueprintItem): number {
  const fontSize = Number(style?.['fontSize'] ?? 14);
  const perLine = (geometry?.width ?? 100) / (fontSize * 0.55);
  const lines = content.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / perLine)), 0);
  return lines * fontSize * 1.4;
}
