/** What is wrong with a caller's input, as sentences: the field, the value's problem, the remedy. */
import { z } from 'zod';

export interface InputProblem {
  /** Path of the field, e.g. `members[2].email`. */
  field: string;
  problem: string;
  remedy: string;
}

/** The input was refused before anything was written. The message has one sentence per problem. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly problems: InputProblem[];

  constructor(problems: InputProblem[]) {
    super(problems.map(({ field, problem, remedy }) => `${field} ${problem}: ${remedy}.`).join('\n'));
    this.problems = problems;
  }
}

// A schema's message carries both halves of the sentence.
const SEPARATOR = '\u0000';

/** Message of a schema rule, for {@link problemsOf}. */
export const says = (problem: string, remedy: string): string => problem + SEPARATOR + remedy;

/** A value as people may see it: quoted and short; what could be a secret is cut to its beginning. */
export function shown(value: unknown): string {
  if (typeof value !== 'string') return Array.isArray(value) ? 'a list' : value === null ? 'null' : typeofName(value);
  const secretive = /:\/\//.test(value) || (value.length >= 20 && !/\s|^[^@:/]+@[^@:/]+$/.test(value));
  return JSON.stringify(shortened(value, secretive ? 8 : 40));
}

/** At most `max` characters; the last is `…` where something was cut. */
export function shortened(text: string, max: number): string {
  const chars = [...text];
  return chars.length <= max ? text : `${chars.slice(0, max - 1).join('')}…`;
}

/** The known name nearest to a mistyped one, if one is near. */
export function closest(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const ranked = known.map((to) => ({ to, steps: editDistance(lower, to.toLowerCase()) }));
  const best = ranked.sort((a, b) => a.steps - b.steps)[0];
  return best && best.steps <= (name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))) ? best.to : undefined;
}

/** An object schema that refuses fields it does not know, and names the nearest that it does. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownFields(issue.keys, known) : undefined),
  });
}

function unknownFields(keys: string[], known: string[]): string {
  const names = keys.map((key) => JSON.stringify(shortened(key, 40))).join(', ');
  const near = keys.length === 1 ? closest(keys[0] ?? '', known) : undefined;
  const remedy = `remove ${keys.length === 1 ? 'it' : 'them'}; the fields are ${known.join(', ')}`;
  return says(
    `has the unknown field${keys.length === 1 ? '' : 's'} ${names}`,
    near ? `did you mean ${near}? Else ${remedy}` : remedy,
  );
}

/** The problems that zod found in `raw`, worded. `root` names the input itself, e.g. `blueprint`. */
export function problemsOf(error: z.ZodError, raw: unknown, root: string): InputProblem[] {
  return error.issues.flatMap((issue) => worded(issue, raw, root));
}

/** `['items', 3, 'style']` as `items[3].style`. */
export function fieldAt(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function worded(issue: z.core.$ZodIssue, raw: unknown, root: string): InputProblem[] {
  const field = fieldAt(issue.path) || root;
  // Of a record's key the issue is told inside; the key itself is what is wrong.
  const ofKey = issue.code === 'invalid_key';
  const value = ofKey
    ? issue.path.at(-1)
    : issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], raw);
  const [problem, remedy] = (ofKey ? (issue.issues[0]?.message ?? '') : issue.message).split(SEPARATOR);
  if (problem !== undefined && remedy !== undefined) {
    const named = typeof value === 'string' && value !== '' && !problem.includes('"');
    return [{ field, problem: named ? `${problem} (${shown(value)})` : problem, remedy }];
  }
  // Of several forms the one that was meant: its type fits, something in it does not.
  const meant = issue.code === 'invalid_union' && issue.errors.find((inner) => !isOfAnotherType(inner));
  if (meant) return meant.flatMap((inner) => worded({ ...inner, path: [...issue.path, ...inner.path] }, raw, root));
  if (value === undefined) return [{ field, problem: 'is missing', remedy: 'give a value' }];
  return [{ field, ...builtIn(issue, value) }];
}

const isOfAnotherType = (issues: z.core.$ZodIssue[]): boolean =>
  issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0);

function builtIn(issue: z.core.$ZodIssue, value: unknown): Pick<InputProblem, 'problem' | 'remedy'> {
  switch (issue.code) {
    case 'invalid_type':
      return { problem: `is ${shown(value)}`, remedy: typeRemedy(issue.expected, value) };
    case 'invalid_value':
      return notOneOf(value, issue.values.map(String));
    case 'too_small':
      return { problem: `is ${size(value)}`, remedy: `the least is ${issue.minimum}` };
    case 'too_big':
      return { problem: `is ${size(value)}`, remedy: `the most is ${issue.maximum}` };
    default:
      return { problem: `can't be ${shown(value)}`, remedy: 'see the documentation and the types' };
  }
}

/** A name outside a closed list. */
export function notOneOf(value: unknown, known: readonly string[]): Pick<InputProblem, 'problem' | 'remedy'> {
  const near = typeof value === 'string' ? closest(value, known) : undefined;
  const list =
    known.length === 1
      ? `use ${known[0]}`
      : known.length <= 16
        ? `use one of ${known.join(', ')}`
        : `use one of the ${known.length} names in docs/blueprints.md`;
  return { problem: `can't be ${shown(value)}`, remedy: near ? `did you mean ${near}? Else ${list}` : list };
}

function typeRemedy(expected: string, value: unknown): string {
  if (expected === 'string' && typeof value === 'number') return 'write it in quotes, as a string';
  if (expected === 'int') return 'give a whole number';
  if (expected === 'number') return 'give a finite number';
  const type = expected === 'array' ? 'list' : expected;
  return `give ${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`;
}

function size(value: unknown): string {
  if (typeof value === 'string') return `${value.length} characters long`;
  return Array.isArray(value) ? `a list of ${value.length}` : shown(value);
}

function typeofName(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === undefined ? 'missing' : `a${typeof value === 'object' ? 'n object' : ` ${typeof value}`}`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (char === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
