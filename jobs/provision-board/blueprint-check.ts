/** What the parts of a blueprint must be to each other: ids, ends, frames, tags, room. */
import type { Blueprint, BlueprintItem } from '../../contract.js';
import type { InputProblem } from '../invalid-input.js';
import { shown } from '../invalid-input.js';
import { boundsOf, fits, positionIn } from './geometry.js';
import { toHtml } from './html.js';
import { UNSUPPORTED_STYLES } from './styles.js';

/**
 * Problems of a blueprint that has the right shape, none when it can be drawn. Lengths are those of the texts as given:
 * hand in a filled blueprint to check what will be sent. `root` is put before each field.
 */
export function blueprintProblems(blueprint: Blueprint, root = ''): InputProblem[] {
  const problems = [
    ...repeatedIds(blueprint),
    ...(blueprint.items ?? []).flatMap((item, i) => itemProblems(blueprint, item, `items[${i}]`)),
    ...connectorProblems(blueprint),
    ...tagProblems(blueprint),
  ];
  return problems.map((problem) => ({ ...problem, field: root + problem.field }));
}

function repeatedIds(blueprint: Blueprint): InputProblem[] {
  const seen = new Map<string, string>();
  const problems: InputProblem[] = [];
  for (const part of ['frames', 'items', 'connectors', 'tags'] as const) {
    for (const [i, { id }] of (blueprint[part] ?? []).entries()) {
      const field = `${part}[${i}].id`;
      const first = seen.get(id);
      if (first)
        problems.push({ field, problem: `is ${shown(id)} as ${first} is`, remedy: 'give each part an id of its own' });
      else seen.set(id, field);
    }
  }
  return problems;
}

function itemProblems(blueprint: Blueprint, item: BlueprintItem, field: string): InputProblem[] {
  return [
    ...frameProblems(blueprint, item, field),
    ...shapeProblems(item, field),
    ...itemTagProblems(blueprint, item, field),
  ];
}

function frameProblems(blueprint: Blueprint, item: BlueprintItem, field: string): InputProblem[] {
  if (item.frame === undefined) {
    if (item.position.relativeTo !== 'frame') return [];
    return [
      {
        field: `${field}.position.relativeTo`,
        problem: 'is "frame" without a frame',
        remedy: 'name the frame, or remove it',
      },
    ];
  }
  const frame = blueprint.frames?.find(({ id }) => id === item.frame);
  if (!frame)
    return [
      {
        field: `${field}.frame`,
        problem: `names no frame: ${shown(item.frame)}`,
        remedy: 'use the id of one of the frames',
      },
    ];
  if (fits(frame, item)) return [];
  const { x, y } = positionIn(frame, item);
  const { width, height } = boundsOf(item);
  const { geometry } = frame;
  const room =
    width > geometry.width || height > geometry.height
      ? 'make the item smaller or the frame larger'
      : `keep x within ${round(width / 2)}–${round(geometry.width - width / 2)} and y within ${round(height / 2)}–${round(geometry.height - height / 2)} from its top-left corner`;
  const problem = `puts ${shown(item.id)} (${round(width)} × ${round(height)} around ${round(x)}, ${round(y)}) outside its frame ${shown(frame.id)} of ${geometry.width} × ${geometry.height}`;
  return [{ field: `${field}.position`, problem, remedy: room }];
}

function shapeProblems(item: BlueprintItem, field: string): InputProblem[] {
  if (item.type === 'text') return textProblems(item, field);
  const unsupported = item.type === 'shape' ? (UNSUPPORTED_STYLES[item.shape ?? ''] ?? []) : [];
  const styles = unsupported
    .filter((key) => item.style?.[key] !== undefined)
    .map((key) => ({
      field: `${field}.style.${key}`,
      problem: `is not supported by ${item.shape}`,
      remedy: 'remove it',
    }));
  if (!unsupported.includes('color') || !item.content) return styles;
  return [
    ...styles,
    {
      field: `${field}.content`,
      problem: `is not supported by ${item.shape}`,
      remedy: 'remove it, or put a text beside it',
    },
  ];
}

// Miro refuses a text without content, and one narrower than 1.7 times its font size.
function textProblems(item: BlueprintItem, field: string): InputProblem[] {
  const problems: InputProblem[] = [];
  if (!item.content?.trim()) {
    problems.push({ field: `${field}.content`, problem: 'is blank, placeholders filled in', remedy: 'write a text' });
  }
  const fontSize = Number(item.style?.['fontSize'] ?? 14);
  const width = item.geometry?.width ?? 100;
  if (width < 1.7 * fontSize) {
    const remedy = `give at least ${Math.ceil(1.7 * fontSize)} for a font size of ${fontSize}`;
    problems.push({ field: `${field}.geometry.width`, problem: `is ${width}, too narrow`, remedy });
  }
  return problems;
}

function itemTagProblems(blueprint: Blueprint, item: BlueprintItem, field: string): InputProblem[] {
  const known = new Set(blueprint.tags?.map(({ id }) => id));
  return (item.tags ?? []).flatMap((tag, i, all) => {
    const at = `${field}.tags[${i}]`;
    if (!known.has(tag))
      return [{ field: at, problem: `names no tag: ${shown(tag)}`, remedy: 'use the id of one of the tags' }];
    return all.indexOf(tag) < i ? [{ field: at, problem: `repeats ${shown(tag)}`, remedy: 'remove it' }] : [];
  });
}

function connectorProblems({ connectors = [], items = [], frames = [] }: Blueprint): InputProblem[] {
  const known = new Set(items.map(({ id }) => id));
  return connectors.flatMap((connector, i) => {
    const field = `connectors[${i}]`;
    const problems: InputProblem[] = [];
    for (const end of ['from', 'to'] as const) {
      if (known.has(connector[end])) continue;
      const isFrame = frames.some(({ id }) => id === connector[end]);
      const problem = isFrame ? `is the frame ${shown(connector[end])}` : `names no item: ${shown(connector[end])}`;
      problems.push({ field: `${field}.${end}`, problem, remedy: 'use the id of an item; Miro connects no frames' });
    }
    if (connector.from === connector.to)
      problems.push({ field: `${field}.to`, problem: 'equals from', remedy: 'connect two different items' });
    if (toHtml(connector.caption ?? '').length > 200) {
      problems.push({
        field: `${field}.caption`,
        problem: 'is longer than 200 characters (as HTML)',
        remedy: 'shorten it',
      });
    }
    return problems;
  });
}

function tagProblems({ tags = [] }: Blueprint): InputProblem[] {
  return tags.flatMap(({ title }, i) => {
    const field = `tags[${i}].title`;
    if (title.length > 120)
      return [{ field, problem: `is ${title.length} characters long`, remedy: 'Miro allows 120' }];
    if (title.trim() === '') return [{ field, problem: 'is blank', remedy: 'give the tag a title' }];
    const repeated = tags.findIndex((other) => other.title === title) < i;
    return repeated
      ? [{ field, problem: `repeats ${shown(title)}`, remedy: 'titles are unique on a board; use that tag' }]
      : [];
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;
