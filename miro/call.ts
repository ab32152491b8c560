import { z } from 'zod';
import { MiroError } from './errors.js';
import type { MiroErrorKind } from './errors.js';
import type { Method, Operation, Surface } from './operation.js';
import { OPERATIONS } from './operations.js';
import type { OperationId } from './operations.js';

/** One request to Miro as data. Nothing is sent when it is built. */
export interface Call<T, S extends Surface = 'rest'> {
  surface: S;
  /** Operation id of the specification. */
  operation: string;
  method: Method;
  /** For messages and logs: the path with names in place of ids. */
  template: string;
  /** Ids checked and percent-encoded. */
  path: string;
  /** A list stands for a parameter given several times. */
  query?: Record<string, string | string[]>;
  /** A plain value is sent as JSON; URLSearchParams and FormData as what they are. */
  body?: unknown;
  credits: number;
  /** Reads the answer, leniently. */
  schema: z.ZodType<T>;
  /** Whether it may change something in Miro. */
  write: boolean;
  /** Statuses that mean something else here than elsewhere. */
  refusals?: Partial<Record<number, MiroErrorKind>>;
}

export interface Page<Item> {
  items: Item[];
  /** Length of the whole list, where Miro tells. */
  total?: number;
  /** Where the next page starts; absent on the last page. */
  cursor?: string;
}

/** A call for one page of a list; `pages` of pages.ts follows them. */
export interface PageCall<Item, S extends Surface = 'rest'> extends Call<Page<Item>, S> {
  /** The call for the page after `page`, or undefined if that was the last one. */
  next(page: Page<Item>): PageCall<Item, S> | undefined;
  /** What tells two items of this list apart. */
  key(item: Item): string;
}

type Names<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type PathNames<Id extends OperationId> = Names<(typeof OPERATIONS)[Id]['template']>;
type QueryNames<Id extends OperationId> = (typeof OPERATIONS)[Id]['query'][number];
export type SurfaceOf<Id extends OperationId> = (typeof OPERATIONS)[Id]['surface'];

type QueryValue = string | number | boolean | readonly string[] | undefined;

/** What an operation is filled in with. The ids of its path are required, its body is Miro's JSON. */
export type CallInput<Id extends OperationId> = {
  query?: Partial<Record<QueryNames<Id>, QueryValue>>;
  body?: unknown;
} & ([PathNames<Id>] extends [never] ? { path?: undefined } : { path: Record<PathNames<Id>, string> });

/**
 * The general door: a call of any operation that Miro specifies, its answer unread.
 * @throws MiroError 'invalid' for ids that can't be ids and for missing query parameters.
 */
export function call<Id extends OperationId>(operationId: Id, input: CallInput<Id>): Call<unknown, SurfaceOf<Id>> {
  return buildCall(operationId, input, z.unknown());
}

/** Like `call`, with a schema for the answer. */
export function buildCall<Id extends OperationId, T>(
  operationId: Id,
  { path, query, body }: CallInput<Id>,
  schema: z.ZodType<T>,
): Call<T, SurfaceOf<Id>> {
  const operation: Operation = OPERATIONS[operationId];
  const refuse = (problem: string): MiroError => refusal(operationId, operation, problem);
  const queryFields = filledIn(query ?? {});
  for (const name of operation.required ?? []) {
    if (queryFields[name] === undefined) throw refuse(`needs ${name}`);
  }
  return {
    surface: OPERATIONS[operationId].surface,
    operation: operationId,
    method: operation.method,
    template: operation.template,
    path: fillPath(operation.template, path ?? {}, refuse),
    query: queryFields,
    body,
    credits: creditsOf(operation, body),
    schema,
    write: operation.method !== 'GET',
  };
}

function refusal(operationId: string, { method, template }: Operation, problem: string): MiroError {
  const message = `${method} ${template} was not sent: it ${problem}`;
  return new MiroError(message, { kind: 'invalid', written: 'no', operation: operationId });
}

function fillPath(template: string, ids: Record<string, string>, refuse: (problem: string) => MiroError): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const problem = idProblem(ids[name]);
    if (problem) throw refuse(`needs an id as ${name}, and what was given ${problem}`);
    return encodeURIComponent(ids[name] ?? '');
  });
}

/** An id must fill exactly one segment of a path and be sent as it was received: unencoded, whole. */
function idProblem(id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '') return 'is empty or no string';
  if (id.length > 256) return 'is longer than 256 characters';
  if (!/^[\x21-\x7e]+$/.test(id)) return 'holds spaces, control or non-ASCII characters';
  if (/[/\\?#%]/.test(id)) return 'holds one of / \\ ? # %';
  if (/^\.+$/.test(id)) return 'consists of dots';
  return undefined;
}

function filledIn(query: Record<string, QueryValue>): Record<string, string | string[]> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : String(value)]),
  );
}

function creditsOf({ credits, perItem, largeBody }: Operation, body: unknown): number {
  if (perItem) return credits * countItems(body);
  if (largeBody && Buffer.byteLength(JSON.stringify(body) ?? '') >= largeBody.fromBytes) return largeBody.credits;
  return credits;
}

/** Items of a bulk body: an array, an object of arrays, or a form with files. */
function countItems(body: unknown): number {
  if (body instanceof FormData) return body.getAll('resources').length;
  if (Array.isArray(body)) return body.length;
  return Object.values(body ?? {}).reduce((sum: number, part) => sum + (Array.isArray(part) ? part.length : 0), 0);
}
