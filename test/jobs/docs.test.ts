import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { missingPlaceholders } from '../../jobs/provision-board/fill.js';
import { parseBlueprint } from '../../jobs/provision-board/blueprint.js';
import { planBoard } from '../../jobs/provision-board/plan.js';
import { BASIC_SHAPES, FLOWCHART_SHAPES, STICKY_COLOURS, TAG_COLOURS } from '../../jobs/provision-board/styles.js';

const page = readFileSync(new URL('../../docs/blueprints.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^## (.*)$|^```yaml\n([\s\S]*?)^```$/gm)].reduce<{ title: string; yaml: string }[]>(
  (found, [, title, yaml]) =>
    title ? [...found, { title, yaml: '' }] : [...found, { title: found.at(-1)?.title ?? '', yaml: yaml ?? '' }],
  [],
);
const credits = {
  boardCreate: 1,
  boardCopy: 1,
  boardUpdate: 1,
  item: 1,
  connector: 1,
  tag: 1,
  attach: 1,
  share: 1,
  memberUpdate: 1,
};

describe('docs/blueprints.md', () => {
  it.each(examples.filter(({ yaml }) => yaml !== ''))(
    'README example under "$title" is a valid blueprint',
    ({ yaml }) => {
      const blueprint = parseBlueprint(parse(yaml));
      const placeholders = { project: { name: 'Apollo', lead: 'Anna' }, person: { name: 'Ben' } };
      const plan = planBoard({ template: { blueprint }, name: 'Board', placeholders }, { marker: '[tm:x.1]', credits });
      expect(plan.batches.flat()).toHaveLength((blueprint.frames?.length ?? 0) + (blueprint.items?.length ?? 0));
    },
  );

  it('has an example of each kind', () => {
    expect(examples.filter(({ yaml }) => yaml !== '')).toHaveLength(4);
  });

  it('shows one place in two ways in its example of positions', () => {
    const blueprint = parseBlueprint(parse(examples.find(({ yaml }) => yaml.includes('by-canvas'))?.yaml ?? ''));
    const [frame, ...items] = planBoard(
      { template: { blueprint }, name: 'Board' },
      { marker: '', credits },
    ).batches.flat();
    expect(frame?.id).toBe('left');
    expect(items[0]?.body.position).toEqual(items[1]?.body.position);
  });

  it('lists every colour and shape', () => {
    const names = [
      ...STICKY_COLOURS,
      ...TAG_COLOURS,
      ...BASIC_SHAPES,
      ...FLOWCHART_SHAPES.map((name) => name.replace('flow_chart_', '')),
    ];
    expect(names.filter((name) => !page.includes(name))).toEqual([]);
  });

  it('names the placeholders of each shipped blueprint', () => {
    const folder = new URL('../../jobs/provision-board/blueprints/', import.meta.url);
    for (const file of readdirSync(folder)) {
      const blueprint = parseBlueprint(parse(readFileSync(new URL(file, folder), 'utf8')));
      const names = [...missingPlaceholders({ template: { blueprint }, name: 'Board' }).keys()];
      const row = page.split('\n').find((line) => line.includes(`\`${file}\``)) ?? '';
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !row.includes(`\`${name}\``))).toEqual([]);
    }
  });
});
