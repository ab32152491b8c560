/** Every text of a spec that may hold placeholders, and the spec with all of them filled in. */
import type { Blueprint, BoardSpec } from '../../contract.js';
import { fillText, placeholdersIn, valueAt } from './placeholders.js';

type Change = (text: string, field: string) => string;

/** The spec as it shall be written: no placeholders left in its texts. @throws RangeError when a value is missing. */
export function filledSpec(spec: BoardSpec): BoardSpec {
  return mapTexts(spec, (text) => fillText(text, spec.placeholders ?? {}));
}

/** Placeholders without a value, each with the fields that use it. */
export function missingPlaceholders(spec: BoardSpec): Map<string, string[]> {
  const missing = new Map<string, string[]>();
  mapTexts(spec, (text, field) => {
    for (const name of placeholdersIn(text)) {
      if (valueAt(spec.placeholders ?? {}, name) === undefined)
        missing.set(name, [...(missing.get(name) ?? []), field]);
    }
    return text;
  });
  return missing;
}

function mapTexts(spec: BoardSpec, change: Change): BoardSpec {
  return {
    ...spec,
    ...changed(spec, ['name', 'description'], '', change),
    template:
      'blueprint' in spec.template ? { blueprint: mapBlueprint(spec.template.blueprint, change) } : spec.template,
  };
}

function mapBlueprint(blueprint: Blueprint, change: Change): Blueprint {
  const each = <Part extends object>(
    part: string,
    list: Part[] | undefined,
    keys: (keyof Part & string)[],
  ): Part[] | undefined =>
    list?.map((entry, i) => ({ ...entry, ...changed(entry, keys, `template.blueprint.${part}[${i}].`, change) }));
  return {
    ...blueprint,
    frames: each('frames', blueprint.frames, ['title']),
    items: each('items', blueprint.items, ['content', 'title', 'description']),
    connectors: each('connectors', blueprint.connectors, ['caption']),
    tags: each('tags', blueprint.tags, ['title']),
  };
}

function changed<Part extends object>(
  entry: Part,
  keys: (keyof Part & string)[],
  path: string,
  change: Change,
): Partial<Part> {
  const texts = keys.flatMap((key) => {
    const text = entry[key];
    return typeof text === 'string' ? [[key, change(text, path + key)]] : [];
  });
  return Object.fromEntries(texts) as Partial<Part>;
}
