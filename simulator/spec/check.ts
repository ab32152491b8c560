import { NEVER_SENT, REQUEST_SCHEMAS } from './corrections.js';
import { resolve, type Parameter, type Schema } from './operations.js';

/** One entry of `context.fields` in Miro's 400. */
export interface FieldError {
  field: string;
  message: string;
}

/**
 * Checks a request body against the specification as Miro does: strictly. A field that the schema does not name is an
 * error; numbers in strings (`fillOpacity: "0.5"`) are compared as numbers.
 * @returns no entries when the body is good
 */
export function checkBody(schema: Schema, value: unknown, field = ''): FieldError[] {
  const s = requestSchema(schema);
  if (s.allOf) return s.allOf.flatMap((part) => checkBody(part, value, field));
  const choices = s.oneOf ?? s.anyOf;
  if (choices) return bestChoice(choices, value, field);
  if (s.type === 'array') return checkArray(s, value, field);
  if (s.type === 'object' || s.properties) return checkObject(s, value, field);
  return checkScalar(s, value, field);
}

/** Query parameters: strings that must look like their type. Unknown parameters are ignored, as the live API does. */
export function checkQuery(parameters: Parameter[], query: Record<string, string>): FieldError[] {
  return parameters.flatMap((p) => {
    const value = query[p.name];
    if (value === undefined) return p.required ? [{ field: p.name, message: `Field [${p.name}] is required` }] : [];
    const s = resolve(p.schema);
    if (s.type === 'boolean') return oneOf(['true', 'false'], value, p.name);
    const numeric = s.type === 'integer' || s.type === 'number' || s.maximum !== undefined || p.name === 'offset';
    if (numeric && p.name !== 'parent_item_id') return checkNumber({ ...s, type: 'integer' }, value, p.name);
    if (s.type === 'array') return [];
    return s.enum ? oneOf(s.enum, value, p.name) : checkScalar(s, value, p.name);
  });
}

function requestSchema(schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return (name ? REQUEST_SCHEMAS[name] : undefined) ?? resolve(schema);
}

function bestChoice(choices: Schema[], value: unknown, field: string): FieldError[] {
  const results = choices.map((choice) => checkBody(choice, value, field));
  return results.reduce((best, next) => (next.length < best.length ? next : best));
}

function checkArray(s: Schema, value: unknown, field: string): FieldError[] {
  if (!Array.isArray(value)) return [{ field, message: `Field [${field}] must be an array` }];
  if (value.length < (s.minItems ?? 0))
    return [{ field, message: `Field [${field}] needs at least ${s.minItems} entries` }];
  if (value.length > (s.maxItems ?? Infinity))
    return [{ field, message: `Field [${field}] can have at most ${s.maxItems} entries` }];
  return value.flatMap((entry, i) => checkBody(s.items ?? {}, entry, `${field}[${i}]`));
}

function checkObject(s: Schema, value: unknown, field: string): FieldError[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ field, message: `Field [${field}] must be an object` }];
  const at = (name: string): string => (field ? `${field}.${name}` : name);
  const missing = (s.required ?? [])
    .filter((name) => ((value as Record<string, unknown>)[name] ?? undefined) === undefined)
    .map((name) => ({ field: at(name), message: `Field [${at(name)}] is required` }));
  if (!s.properties) return missing;
  const properties = s.properties;
  return Object.entries(value).reduce<FieldError[]>((errors, [name, entry]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!property) errors.push({ field: at(name), message: `Field [${at(name)}] is not supported` });
    else if (entry !== null && entry !== undefined) errors.push(...checkBody(property, entry, at(name)));
    return errors;
  }, missing);
}

function checkScalar(s: Schema, value: unknown, field: string): FieldError[] {
  if (s.enum)
    return oneOf(
      s.enum.filter((e) => !NEVER_SENT.has(e)),
      value,
      field,
    );
  if (s.type === 'boolean' && typeof value !== 'boolean')
    return [{ field, message: `Field [${field}] must be a boolean` }];
  if (s.type === 'number' || s.type === 'integer') {
    // ids that the specification types as numbers go beyond 2^53, so programs send texts
    if (s.format === 'int64' && typeof value === 'string' && /^\d+$/.test(value)) return [];
    if (typeof value !== 'number') return [{ field, message: `Field [${field}] must be a number` }];
    return checkNumber(s, value, field);
  }
  if (s.type === 'string') return checkString(s, value, field);
  return [];
}

function checkString(s: Schema, value: unknown, field: string): FieldError[] {
  const numeric = s.minimum !== undefined || s.maximum !== undefined;
  if (numeric) return checkNumber(s, value, field);
  if (s.format === 'int64' && typeof value === 'number') return [];
  if (typeof value !== 'string') return [{ field, message: `Field [${field}] must be a string` }];
  const length = [...value].length;
  if (length < (s.minLength ?? 0) || length > (s.maxLength ?? Infinity))
    return [
      {
        field,
        message: `Field [${field}] must have ${s.minLength ?? 0} to ${s.maxLength ?? 'any number of'} characters`,
      },
    ];
  if (s.format === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value))
    return [{ field, message: `Field [${field}] must be a UTC date-time, for example 2026-10-12T22:00:55Z` }];
  return [];
}

function checkNumber(s: Schema, value: unknown, field: string): FieldError[] {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    return [{ field, message: `Field [${field}] must be a number` }];
  if (s.type === 'integer' && !Number.isInteger(number))
    return [{ field, message: `Field [${field}] must be an integer` }];
  if (number < (s.minimum ?? -Infinity) || number > (s.maximum ?? Infinity))
    return [{ field, message: `Field [${field}] must be between ${s.minimum ?? 'any'} and ${s.maximum ?? 'any'}` }];
  return [];
}

function oneOf(allowed: unknown[], value: unknown, field: string): FieldError[] {
  if (allowed.includes(value)) return [];
  return [{ field, message: `Unexpected value [${String(value)}], expected one of: [${allowed.join(', ')}]` }];
}
