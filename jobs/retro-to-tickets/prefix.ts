/** What people write before a thing to do: `[ ]`, `TODO`, `@anna`. */
import type { RetroCondition } from '../../contract-retro.js';

export type Prefix = NonNullable<RetroCondition['prefix']>;

export interface ReadPrefix {
  prefix?: Prefix;
  /** The text after it; of a text that is nothing but a name, the name. */
  rest: string;
  /** First `@name` of the text, without the `@`. */
  mention?: string;
}

const BULLET = String.raw`(?:[-*+•–]\s+|\d{1,3}[.)]\s+)?`;
const STARTS: readonly [Prefix, RegExp][] = [
  ['done', new RegExp(String.raw`^${BULLET}(?:\[\s?[xX✓✔]\s?\]|[☑✅✔✓☒]\ufe0f?)\s*`, 'u')],
  ['checkbox', new RegExp(String.raw`^${BULLET}(?:\[\s?\]|[☐□◻⬜🔲]\ufe0f?)\s*`, 'u')],
  // "Todo list is too long" and "AI is hard" begin with a word, not with a prefix: only TODO goes without a colon.
  ['todo', new RegExp(String.raw`^${BULLET}TODO(?:\s*[:：]\s*|\s+[-–—]\s+|\s+|$)`, 'u')],
  [
    'todo',
    new RegExp(String.raw`^${BULLET}(?:to[ -]?do|action(?: items?| points?)?|ai|ap|next steps?)\s*[:：]\s*`, 'iu'),
  ],
  ['mention', /^@[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*(?:\s*[:：,]\s*|\s+[-–—]\s+|\s+)(?=\S)/u],
];
const MENTION = /(?<![\p{L}\p{M}\p{N}@._/-])@([\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}])?)/u;

/** Reads the beginning of a plain text. Of several prefixes the first counts, but what is done is done. */
export function readPrefix(text: string): ReadPrefix {
  const found: Prefix[] = [];
  let rest = text.trim();
  for (let next = startOf(rest); next; next = startOf(rest)) {
    found.push(next.prefix);
    rest = rest.slice(next.length);
  }
  const mention = MENTION.exec(text)?.[1];
  if (/^@\S+$/u.test(rest) && mention !== undefined) found.push('mention');
  const prefix = found.includes('done') ? 'done' : found[0];
  return { rest, ...(prefix && { prefix }), ...(mention !== undefined && { mention }) };
}

function startOf(text: string): { prefix: Prefix; length: number } | undefined {
  for (const [prefix, pattern] of STARTS) {
    const length = pattern.exec(text)?.[0].length;
    if (length !== undefined) return { prefix, length };
  }
  return undefined;
}
