import { ENTERPRISE, GROUP, USER } from './resource.js';

/** A filter of RFC 7644, section 3.4.2.2, as a tree. Attribute paths are lower-case, without the schema's URN. */
export type Filter =
  | { kind: 'and' | 'or'; left: Filter; right: Filter }
  | { kind: 'not'; filter: Filter }
  | { kind: 'present'; path: string[] }
  | { kind: 'compare'; path: string[]; operator: Operator; value: FilterValue }
  | { kind: 'values'; path: string[]; filter: Filter };

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
/** Numbers keep their digits: ids go beyond 2^53 and may come without quotes. */
export type FilterValue = { text: string } | { number: string } | { boolean: boolean } | { null: true };

const CORE = [USER, GROUP].map((urn) => urn.toLowerCase());
const OPERATORS: readonly string[] = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];
/** RFC 7644, section 3.4.2.2: booleans have no order. */
const ORDERING: readonly string[] = ['gt', 'ge', 'lt', 'le'];
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s()[\]"]+))/y;

/** @throws Error that tells where the text stops being a filter */
export function parseFilter(text: string): Filter {
  const tokens = tokenise(text);
  const filter = parseOr(tokens);
  if (tokens.peek() !== undefined) throw new Error(`Unexpected "${tokens.peek()}" in the filter`);
  return filter;
}

class Tokens {
  private at = 0;
  private readonly all: string[];

  constructor(all: string[]) {
    this.all = all;
  }

  peek(): string | undefined {
    return this.all[this.at];
  }

  next(): string {
    const token = this.all[this.at];
    if (token === undefined) throw new Error('The filter ends too early');
    this.at += 1;
    return token;
  }

  /** Takes the next token if it is this word, in any case. */
  takes(word: string): boolean {
    if (this.peek()?.toLowerCase() !== word) return false;
    this.at += 1;
    return true;
  }

  expect(token: string): void {
    const found = this.next();
    if (found !== token) throw new Error(`Expected "${token}" in the filter, found "${found}"`);
  }
}

function tokenise(text: string): Tokens {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(text);
    if (!match) throw new Error('The filter has an open quotation mark');
    found.push((match[1] ?? match[2] ?? match[3]) as string);
  }
  return new Tokens(found);
}

function parseOr(tokens: Tokens): Filter {
  let left = parseAnd(tokens);
  while (tokens.takes('or')) left = { kind: 'or', left, right: parseAnd(tokens) };
  return left;
}

function parseAnd(tokens: Tokens): Filter {
  let left = parseTerm(tokens);
  while (tokens.takes('and')) left = { kind: 'and', left, right: parseTerm(tokens) };
  return left;
}

function parseTerm(tokens: Tokens): Filter {
  if (tokens.takes('not')) {
    tokens.expect('(');
    return { kind: 'not', filter: closing(tokens) };
  }
  if (tokens.takes('(')) return closing(tokens);
  return parseExpression(tokens);
}

function closing(tokens: Tokens): Filter {
  const filter = parseOr(tokens);
  tokens.expect(')');
  return filter;
}

function parseExpression(tokens: Tokens): Filter {
  const path = parsePath(tokens.next());
  if (tokens.takes('[')) {
    const filter = parseOr(tokens);
    tokens.expect(']');
    return { kind: 'values', path, filter };
  }
  const operator = tokens.next().toLowerCase();
  if (operator === 'pr') return { kind: 'present', path };
  if (!OPERATORS.includes(operator)) throw new Error(`"${operator}" is not an operator of filters`);
  const value = parseValue(tokens.next());
  if (ORDERING.includes(operator) && !('text' in value || 'number' in value))
    throw new Error(`"${operator}" needs a text or a number`);
  return { kind: 'compare', path, operator: operator as Operator, value };
}

/** `urn:…:User:name.familyName` → `name`, `familyname`; an extension keeps its URN as first part. */
export function parsePath(text: string): string[] {
  const lower = text.toLowerCase();
  if (lower === ENTERPRISE.toLowerCase()) return [lower];
  const urn = /^(urn:.+):([^:]+)$/.exec(lower);
  const parts = (urn ? urn[2]! : lower).split('.');
  if (!parts.every((part) => /^[a-z$][\w$-]*$/.test(part))) throw new Error(`"${text}" is not an attribute`);
  return urn?.[1] && !CORE.includes(urn[1]) ? [urn[1], ...parts] : parts;
}

function parseValue(token: string): FilterValue {
  if (token.startsWith('"')) return { text: JSON.parse(token) as string };
  const lower = token.toLowerCase();
  if (lower === 'true' || lower === 'false') return { boolean: lower === 'true' };
  if (lower === 'null') return { null: true };
  if (/^-?\d+(\.\d+)?$/.test(token)) return { number: token };
  throw new Error(`"${token}" is not a value; texts need quotation marks`);
}
