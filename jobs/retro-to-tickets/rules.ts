/** What an item becomes: the first rule that matches decides. */
import type { RecordKind, RetroCondition, RetroRules } from '../../contract-retro.js';
import { fitsGlob } from './glob.js';
import type { Prefix } from './prefix.js';
import { matches } from './pattern.js';

/** What rules ask of an item; titles as people wrote them. */
export interface RuleFacts {
  type: string;
  /** Plain. */
  text: string;
  color?: string;
  column?: string;
  frame?: string;
  tags: readonly string[];
  prefix?: Prefix;
}

/** `reason` is for people, e.g. `rule 2 (tag "action")`. */
export function kindFor(facts: RuleFacts, rules: RetroRules = {}): { kind: RecordKind | 'drop'; reason: string } {
  const index = rules.rules?.findIndex(({ when }) => holds(when, facts)) ?? -1;
  const rule = rules.rules?.[index];
  if (rule) return { kind: rule.kind, reason: `rule ${index + 1} (${told(rule.when)})` };
  const kind = rules.otherwise ?? 'task';
  return { kind, reason: rules.rules?.length ? 'no rule matches' : 'it lies in the source' };
}

function holds(when: RetroCondition, facts: RuleFacts): boolean {
  const { tag, color, column, frame, type, text, prefix } = when;
  return (
    fitsOne(tag, facts.tags) &&
    fitsOne(color, [facts.color]) &&
    fitsOne(column, [facts.column]) &&
    fitsOne(frame, [facts.frame]) &&
    fitsOne(type, [facts.type]) &&
    (prefix === undefined || prefix === facts.prefix) &&
    (text === undefined || matches(text, facts.text))
  );
}

function fitsOne(wanted: string | readonly string[] | undefined, titles: readonly (string | undefined)[]): boolean {
  if (wanted === undefined) return true;
  const patterns = typeof wanted === 'string' ? [wanted] : wanted;
  return patterns.some((pattern) => titles.some((title) => title !== undefined && fitsGlob(pattern, title)));
}

function told(when: RetroCondition): string {
  const parts = Object.entries(when).map(([name, wanted]: [string, string | string[]]) =>
    [
      name,
      [wanted]
        .flat()
        .map((one) => JSON.stringify(one))
        .join(' or '),
    ].join(' '),
  );
  return parts.join(', ') || 'everything';
}
