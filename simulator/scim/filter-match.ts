import type { Filter, FilterValue, Operator } from './filter-parser.js';
import { isResource, keyOf, valuesAt, type Resource, type Value } from './resource.js';

/** Whether a resource satisfies a filter. Texts are compared without regard to case, except ids. */
export function matches(filter: Filter, resource: Resource): boolean {
  switch (filter.kind) {
    case 'and':
      return matches(filter.left, resource) && matches(filter.right, resource);
    case 'or':
      return matches(filter.left, resource) || matches(filter.right, resource);
    case 'not':
      return !matches(filter.filter, resource);
    case 'present':
      return valuesAt(resource, filter.path).some(isPresent);
    case 'values':
      return entriesAt(resource, filter.path).some((entry) => matches(filter.filter, entry));
    case 'compare':
      return compareAll(valuesAt(resource, filter.path), filter.operator, filter.value, filter.path.at(-1) === 'id');
  }
}

const isPresent = (value: Value): boolean => value !== undefined && value !== null && value !== '';

/** The entries of a multi-valued attribute. */
export function entriesAt(resource: Resource, path: string[]): Resource[] {
  let found: Value[] = [resource];
  for (const name of path)
    found = found.flatMap((value) => {
      const key = isResource(value) ? keyOf(value, name) : undefined;
      return key === undefined ? [] : [(value as Resource)[key]];
    });
  return found.flat().filter(isResource);
}

/** `ne` holds where no value equals, also where there is none; all others need one that fits. */
function compareAll(values: Value[], operator: Operator, wanted: FilterValue, exact: boolean): boolean {
  if (operator === 'ne') return !compareAll(values, 'eq', wanted, exact);
  if ('null' in wanted) return operator === 'eq' && !values.some(isPresent);
  return values.some((value) => compare(value, operator, wanted, exact));
}

function compare(value: Value, operator: Operator, wanted: FilterValue, exact: boolean): boolean {
  if (value === undefined || value === null || typeof value === 'object') return false;
  if ('null' in wanted) return false;
  const fold = (text: string): string => (exact ? text : text.toLowerCase());
  const left = fold(String(value));
  const right = fold('text' in wanted ? wanted.text : 'number' in wanted ? wanted.number : String(wanted.boolean));
  switch (operator) {
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
    case 'co':
      return left.includes(right);
    case 'sw':
      return left.startsWith(right);
    case 'ew':
      return left.endsWith(right);
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
  }
}
