import { ScimError } from './errors.js';
import { matches } from './filter-match.js';
import type { Filter } from './filter-parser.js';
import { parsePath } from './filter-parser.js';
import { filterOf } from './lists.js';
import { ENTERPRISE, isResource, keyOf, type Resource, type Value } from './resource.js';

export interface PatchOperation {
  op: 'add' | 'remove' | 'replace';
  path?: PatchPath;
  value: Value;
}
/** `members[value eq "1"]`, `name.familyName`, `roles[primary eq true].value`. */
export interface PatchPath {
  attribute: string[];
  filter?: Filter;
  sub?: string;
}

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const READ_ONLY = ['id', 'meta', 'schemas', 'groups'];
const EXACT = ['Add', 'Remove', 'Replace'];

/**
 * Reads a PATCH body. Strict is the published spelling (capitalised `op`, a path always); lenient also takes what Okta
 * and Entra send: lower case, no path with an object as value.
 */
export function readPatch(body: unknown, strict: boolean): PatchOperation[] {
  const { schemas, Operations } = (body ?? {}) as { schemas?: unknown; Operations?: unknown };
  if (!Array.isArray(schemas) || !schemas.includes(PATCH_SCHEMA))
    throw new ScimError(400, `schemas must hold ${PATCH_SCHEMA}`, 'invalidValue');
  if (!Array.isArray(Operations) || Operations.length === 0)
    throw new ScimError(400, 'Operations must hold at least one operation', 'invalidSyntax');
  return Operations.map((operation) => readOperation(operation as Resource, strict));
}

function readOperation(operation: Resource, strict: boolean): PatchOperation {
  const name = isResource(operation) && typeof operation['op'] === 'string' ? operation['op'] : '';
  const op = name.toLowerCase();
  if ((op !== 'add' && op !== 'remove' && op !== 'replace') || (strict && !EXACT.includes(name)))
    throw new ScimError(400, `op must be one of ${EXACT.join(', ')}`, 'invalidSyntax');
  const { path, value } = operation;
  if (path === undefined && (op === 'remove' || strict)) throw new ScimError(400, 'path is missing', 'noTarget');
  if (path !== undefined && typeof path !== 'string') throw new ScimError(400, 'path must be a string', 'invalidPath');
  if (path === undefined && !isResource(value)) throw new ScimError(400, 'value must be an object', 'invalidValue');
  if (op !== 'remove' && value === undefined) throw new ScimError(400, 'value is missing', 'invalidValue');
  return { op, ...(path !== undefined && { path: readPath(path) }), value };
}

export function readPath(text: string): PatchPath {
  const match = /^([^[\]]+)(?:\[(.*)\](?:\.([\w$-]+))?)?$/s.exec(text);
  if (!match) throw new ScimError(400, `"${text}" is not a path`, 'invalidPath');
  const [, attribute = '', filter, sub] = match;
  try {
    return {
      attribute: parsePath(attribute),
      ...(filter !== undefined && { filter: filterOf(filter) }),
      ...(sub && { sub }),
    };
  } catch (err) {
    throw new ScimError(400, (err as Error).message, 'invalidPath');
  }
}

/**
 * Refuses operations on what only the service sets, and the removal of what a resource must have.
 * Without a path such attributes are ignored: identity providers send whole resources.
 */
export function refuseUnwritable(operations: PatchOperation[], required: string): void {
  for (const { op, path } of operations) {
    const name = path?.attribute[0] ?? '';
    if (READ_ONLY.includes(name) || (op === 'remove' && name === required.toLowerCase()))
      throw new ScimError(400, `The attribute ${name} cannot be changed so`, 'mutability');
  }
}

/** Applies operations one after the other to a copy; what the attributes mean is the caller's. */
export function applyPatch(resource: Resource, operations: PatchOperation[]): Resource {
  const patched = structuredClone(resource);
  for (const operation of operations) {
    if (operation.path) applyAt(patched, operation, operation.path);
    else mergeAll(patched, operation);
  }
  return patched;
}

/** Without a path the value's keys are paths: `{"name.familyName": "X", "active": false}`. */
function mergeAll(resource: Resource, { op, value }: PatchOperation): void {
  for (const [key, entry] of Object.entries(value as Resource)) {
    if (key === 'schemas' || key === 'id') continue;
    if (key.toLowerCase() === ENTERPRISE.toLowerCase() && isResource(entry)) {
      for (const [name, inner] of Object.entries(entry))
        applyAt(resource, { op, value: inner }, { attribute: [ENTERPRISE, name] });
    } else applyAt(resource, { op, value: entry }, readPath(key));
  }
}

function applyAt(resource: Resource, operation: PatchOperation, path: PatchPath): void {
  const holder = holderOf(resource, path.attribute.slice(0, -1));
  const name = path.attribute.at(-1)!;
  const key = keyOf(holder, name) ?? spelling(name);
  if (path.filter) applyToEntries(holder, key, operation, path.filter, path.sub);
  else if (operation.op === 'remove') removeFrom(holder, key, operation.value);
  else
    holder[key] = operation.op === 'add' ? added(holder[key], operation.value) : replaced(holder[key], operation.value);
}

function holderOf(resource: Resource, names: string[]): Resource {
  let holder = resource;
  for (const name of names) {
    const key = keyOf(holder, name) ?? spelling(name);
    const next = holder[key];
    if (isResource(next)) holder = next;
    else {
      const made: Resource = {};
      holder[key] = made;
      holder = made;
    }
  }
  return holder;
}

/** The published spelling of attributes that a resource may lack. */
const SPELLINGS = [
  ENTERPRISE,
  'userName',
  'displayName',
  'familyName',
  'givenName',
  'userType',
  'preferredLanguage',
  'employeeNumber',
  'costCenter',
];
const spelling = (name: string): string => SPELLINGS.find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;

function applyToEntries(
  holder: Resource,
  key: string,
  { op, value }: PatchOperation,
  filter: Filter,
  sub?: string,
): void {
  const entries = Array.isArray(holder[key]) ? holder[key].filter(isResource) : [];
  const hit = entries.filter((entry) => matches(filter, entry));
  if (hit.length === 0 && op !== 'add') throw new ScimError(400, 'The path matches nothing', 'noTarget');
  if (op === 'remove') {
    if (sub) for (const entry of hit) delete entry[keyOf(entry, sub) ?? sub];
    else holder[key] = entries.filter((entry) => !hit.includes(entry));
    return;
  }
  if (hit.length === 0) holder[key] = [...entries, sub ? { [sub]: value } : value];
  for (const entry of hit) {
    if (sub) entry[keyOf(entry, sub) ?? sub] = value;
    else if (isResource(value)) Object.assign(entry, value);
    else throw new ScimError(400, 'value must be an object', 'invalidValue');
  }
}

/** `{"op":"remove","path":"members","value":[{"value":"1"}]}` removes just those, as Entra sends it. */
function removeFrom(holder: Resource, key: string, value: Value): void {
  const entries = holder[key];
  if (!Array.isArray(entries) || value === undefined) {
    delete holder[key];
    return;
  }
  const gone = new Set(listOf(value).map(identity));
  holder[key] = entries.filter((entry) => !gone.has(identity(entry)));
}

const listOf = (value: Value): Value[] => (Array.isArray(value) ? value : [value]);
const identity = (entry: Value): string => JSON.stringify(isResource(entry) ? (entry['value'] ?? entry) : entry);

function added(before: Value, value: Value): Value {
  if (Array.isArray(before)) {
    const known = new Set(before.map(identity));
    return [...before, ...listOf(value).filter((entry) => !known.has(identity(entry)))];
  }
  return isResource(before) && isResource(value) ? { ...before, ...value } : value;
}

const replaced = (before: Value, value: Value): Value => {
  if (Array.isArray(before)) return listOf(value);
  return isResource(before) && isResource(value) ? { ...before, ...value } : value;
};
