/** `{{project.name}}` in names and texts. One pass: a value that itself holds braces stays as it is. */
import type { Placeholders } from '../../contract.js';
import { toHtml } from './html.js';

// `\{{` is a literal `{{`. Text that went through Miro may hold &nbsp; for a blank.
const PLACEHOLDER = /\\\{\{|\{\{((?:(?!\{\{|\}\}).)*)\}\}/gs;

/** The value at a dotted path, own properties only; a key that itself holds the dots wins. */
export function valueAt(values: Placeholders, path: string): string | undefined {
  let found: Placeholders | string | number | undefined = values;
  if (Object.hasOwn(values, path)) found = values[path];
  else {
    for (const key of path.split('.')) {
      if (typeof found !== 'object' || !Object.hasOwn(found, key)) return undefined;
      found = found[key];
    }
  }
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}

/** Names of the placeholders in a plain or HTML text, each once, in order. */
export function placeholdersIn(text: string): string[] {
  const names = new Set<string>();
  for (const [, inner] of text.matchAll(PLACEHOLDER)) if (inner !== undefined) names.add(nameIn(inner));
  return [...names];
}

/** Plain text with its placeholders filled in. @throws RangeError when a value is missing; check with {@link placeholdersIn}. */
export function fillText(template: string, values: Placeholders): string {
  return fill(template, values, (value) => value);
}

/** Miro HTML, e.g. of a copied board, with placeholders filled in; the values are escaped. @throws RangeError as {@link fillText}. */
export function fillHtml(template: string, values: Placeholders): string {
  return fill(template, values, toHtml);
}

function fill(template: string, values: Placeholders, encode: (value: string) => string): string {
  return template.replace(PLACEHOLDER, (_, inner: string | undefined) => {
    if (inner === undefined) return '{{';
    const value = valueAt(values, nameIn(inner));
    if (value === undefined) throw new RangeError(`the placeholder {{${nameIn(inner)}}} has no value`);
    return encode(value);
  });
}

const nameIn = (inner: string): string => inner.replaceAll('&nbsp;', ' ').trim();
