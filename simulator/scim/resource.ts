/** A SCIM resource as JSON. Attribute names are compared without regard to case. */
export interface Resource {
  [attribute: string]: Value;
}
export type Value = string | number | boolean | null | undefined | Value[] | Resource;

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

export const isResource = (value: Value): value is Resource =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A scalar as text; nothing for all else. */
export const scalarText = (value: Value): string =>
  typeof value === 'object' || value === undefined ? '' : String(value);

/** The attribute's name as the resource spells it. */
export function keyOf(resource: Resource, name: string): string | undefined {
  const wanted = name.toLowerCase();
  // most names differ in length already, and long lists are searched through here
  for (const key in resource) if (key.length === wanted.length && key.toLowerCase() === wanted) return key;
  return undefined;
}

/** Every value at a path; a multi-valued attribute gives all of its entries, their `value` where nothing else is named. */
export function valuesAt(resource: Resource, path: string[]): Value[] {
  let found: Value[] = [resource];
  for (const name of path)
    found = found.flat().flatMap((value) => {
      const key = isResource(value) ? keyOf(value, name) : undefined;
      return key === undefined ? [] : [(value as Resource)[key]];
    });
  return found.flat().map((value) => (isResource(value) && value['value'] !== undefined ? value['value'] : value));
}
