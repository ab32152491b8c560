import { FAULT_KINDS, type FaultKind, type FaultRule } from './rules.js';
import { realistic } from './realistic.js';

/**
 * Reads rules as JSON: an array, `{rules: […]}`, or the name of a preset.
 * @throws Error that names the rule and what is wrong with it
 */
export function parseFaults(input: unknown): FaultRule[] {
  if (input === 'realistic') return realistic;
  const rules = Array.isArray(input) ? input : (input as { rules?: unknown } | null)?.rules;
  if (!Array.isArray(rules)) throw new Error('Faults must be an array of rules, {rules: […]} or "realistic".');
  return rules.map(parseRule);
}

function parseRule(value: unknown, i: number): FaultRule {
  const rule = (value ?? {}) as Partial<FaultRule>;
  if (!FAULT_KINDS.includes(rule.fault as FaultKind))
    throw new Error(`Rule ${i}: fault must be one of ${FAULT_KINDS.join(', ')}.`);
  const known = ['match', 'when', 'fault', 'times', 'delayMs', 'status'];
  const extra = Object.keys(rule).find((key) => !known.includes(key));
  if (extra) throw new Error(`Rule ${i}: "${extra}" is not a part of a rule; known are ${known.join(', ')}.`);
  return { ...rule, match: rule.match ?? {}, fault: rule.fault as FaultKind };
}
