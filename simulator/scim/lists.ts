import type { Answer } from '../http/answer.js';
import { ScimError } from './errors.js';
import { matches } from './filter-match.js';
import { parseFilter, parsePath, type Filter } from './filter-parser.js';
import { isResource, valuesAt, type Resource, type Value } from './resource.js';

const DEFAULT_COUNT = 100;
const MOST = 1000;

/** `filter`, `sortBy`, `startIndex`, `count` and `attributes` of RFC 7644, section 3.4.2, over all resources. */
export function listAnswer(all: Resource[], query: Record<string, string>, refuse?: (filter: Filter) => void): Answer {
  const filter = query['filter'] === undefined ? undefined : filterOf(query['filter']);
  if (filter) refuse?.(filter);
  const found = sorted(filter ? all.filter((resource) => matches(filter, resource)) : all, query);
  const startIndex = Math.max(1, whole(query, 'startIndex', 1));
  const count = Math.min(MOST, Math.max(0, whole(query, 'count', DEFAULT_COUNT)));
  const page = found.slice(startIndex - 1, startIndex - 1 + count);
  return scimJson(200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: found.length,
    startIndex,
    itemsPerPage: page.length,
    Resources: page.map((resource) => select(resource, query)),
  });
}

export const scimJson = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  body,
  headers: { 'content-type': 'application/scim+json; charset=utf-8', ...headers },
});

/** Keeps what `attributes` names, drops what `excludedAttributes` names; id and schemas always stay. */
export function select(resource: Resource, query: Record<string, string>): Resource {
  const wanted = pathsOf(query['attributes']);
  const unwanted = pathsOf(query['excludedAttributes']);
  const kept = (key: string): boolean =>
    key === 'id' || key === 'schemas' || !wanted || wanted.some((p) => p[0] === key.toLowerCase());
  const dropped = (key: string): boolean =>
    key !== 'id' && key !== 'schemas' && (unwanted?.some((p) => p.length === 1 && p[0] === key.toLowerCase()) ?? false);
  const entries = Object.entries(resource).filter(([key]) => kept(key) && !dropped(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, without(part(value, key, wanted), key, unwanted)]));
}

/** Only the named parts of a complex attribute, unless the whole attribute is named too. */
function part(value: Value, key: string, wanted: string[][] | undefined): Value {
  const named = wanted?.filter((path) => path[0] === key.toLowerCase()) ?? [];
  const subs = named.filter((path) => path.length > 1).map((path) => path[1]!);
  if (subs.length === 0 || named.some((path) => path.length === 1)) return value;
  return eachEntry(value, (name) => subs.includes(name));
}

/** Drops the parts of a complex attribute that `excludedAttributes` names. */
function without(value: Value, key: string, unwanted: string[][] | undefined): Value {
  const subs =
    unwanted?.filter((path) => path.length > 1 && path[0] === key.toLowerCase()).map((path) => path[1]!) ?? [];
  return subs.length === 0 ? value : eachEntry(value, (name) => !subs.includes(name));
}

/** A complex attribute with only the parts that are kept; `keeps` is asked with lower-case names. */
function eachEntry(value: Value, keeps: (name: string) => boolean): Value {
  const pick = (entry: Value): Value =>
    isResource(entry) ? Object.fromEntries(Object.entries(entry).filter(([name]) => keeps(name.toLowerCase()))) : entry;
  return Array.isArray(value) ? value.map(pick) : pick(value);
}

function pathsOf(names: string | undefined): string[][] | undefined {
  if (!names) return undefined;
  return refusing('invalidValue', () => names.split(',').map((name) => parsePath(name.trim())));
}

export const filterOf = (text: string): Filter => refusing('invalidFilter', () => parseFilter(text));

function refusing<T>(scimType: string, parse: () => T): T {
  try {
    return parse();
  } catch (err) {
    throw new ScimError(400, (err as Error).message, scimType);
  }
}

function sorted(found: Resource[], { sortBy, sortOrder = 'ascending' }: Record<string, string>): Resource[] {
  if (sortBy === undefined) return found;
  if (sortOrder !== 'ascending' && sortOrder !== 'descending')
    throw new ScimError(400, 'sortOrder must be ascending or descending', 'invalidValue');
  const path = refusing('invalidPath', () => parsePath(sortBy));
  const direction = sortOrder === 'descending' ? -1 : 1;
  const keyed = found.map((resource) => ({ resource, key: sortKey(resource, path) }));
  return keyed.sort((a, b) => direction * compareKeys(a.key, b.key)).map(({ resource }) => resource);
}

function sortKey(resource: Resource, path: string[]): string | undefined {
  const value = valuesAt(resource, path)[0];
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value).toLowerCase();
}

/** Without a value: at the end of an ascending order. */
function compareKeys(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}

function whole(query: Record<string, string>, name: string, fallback: number): number {
  const value = Number(query[name] ?? fallback);
  if (!Number.isInteger(value)) throw new ScimError(400, `${name} must be a whole number`, 'invalidValue');
  return value;
}
