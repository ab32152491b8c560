import { Random } from '../state/random.js';

export type FaultKind =
  '429' | '5xx-before' | '5xx-after' | 'drop-after' | 'timeout' | 'truncate' | 'html' | '401' | 'slow';

export const FAULT_KINDS: readonly FaultKind[] = [
  '429',
  '5xx-before',
  '5xx-after',
  'drop-after',
  'timeout',
  'truncate',
  'html',
  '401',
  'slow',
];

/** Which requests go wrong, when, how and how often. Without `when` every match fires. */
export interface FaultRule {
  match: { method?: string; path?: string; actor?: string };
  when?: { nth?: number; every?: number; probability?: number };
  fault: FaultKind;
  /** How often it fires at most. */
  times?: number;
  /** `slow`: how long the request waits before it is worked on; `timeout`: how long the connection is held. */
  delayMs?: number;
  /** Status of `5xx-*` (500) and `html` (502). */
  status?: number;
}

export interface FaultState extends FaultRule {
  seen: number;
  fired: number;
}

/** Who asks; a rule's `actor` may name any of these. */
export interface FaultActor {
  id: string;
  email: string;
}

/** The rules in order; the first that fires decides. The same seed and the same requests give the same faults. */
export class Faults {
  private rules: (FaultState & { path: RegExp; random: Random })[] = [];
  private readonly seed: number;

  constructor(seed: number, rules: FaultRule[]) {
    this.seed = seed;
    this.set(rules);
  }

  set(rules: FaultRule[]): void {
    this.rules = rules.map((rule, i) => ({
      ...rule,
      seen: 0,
      fired: 0,
      path: globPattern(rule.match.path ?? '**'),
      random: new Random(this.seed + i * 7919),
    }));
  }

  list(): FaultState[] {
    return this.rules.map(({ path: _, random: __, ...state }) => state);
  }

  next(method: string, path: string, actor: FaultActor | undefined): FaultRule | undefined {
    if (this.rules.length === 0) return undefined;
    return this.rules.find((rule) => {
      if (!matches(rule, method, path, actor)) return false;
      rule.seen += 1;
      if (rule.fired >= (rule.times ?? Infinity) || !due(rule)) return false;
      rule.fired += 1;
      return true;
    });
  }
}

function matches(
  rule: FaultRule & { path: RegExp },
  method: string,
  path: string,
  actor: FaultActor | undefined,
): boolean {
  const { match } = rule;
  if (match.method && match.method.toUpperCase() !== method) return false;
  if (match.actor && match.actor !== actor?.id && match.actor !== actor?.email) return false;
  return rule.path.test(path);
}

function due(rule: FaultState & { random: Random }): boolean {
  const { nth, every, probability } = rule.when ?? {};
  if (nth !== undefined && rule.seen !== nth) return false;
  if (every !== undefined && rule.seen % every !== 0) return false;
  return probability === undefined || rule.random.next() < probability;
}

/** `*` stands for one part of the path, `**` for anything. */
function globPattern(glob: string): RegExp {
  const source = glob
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${source.join('')}$`);
}
