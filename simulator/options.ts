import type { FaultRule } from './faults/rules.js';
import type { Plan } from './state/organisation.js';

export interface SimulatorOptions {
  /** `small`, parameters such as `members=1000,teams=50,boards=5000`, or the path of a JSON file. */
  world: string;
  plan: Plan;
  /** Length of a credit window; Miro's is a minute. */
  windowMs: number;
  /** Credits per app, user and window. */
  creditLimit: number;
  /** Added to every answer. */
  latencyMs: number;
  /** How late the board search is. */
  lagMs: number;
  /** How long a board copy takes before the board exists. */
  copyMs: number;
  tokenTtlMs: number;
  faults: FaultRule[];
  /** `strict` takes only the published spelling of SCIM PATCH, `lenient` what identity providers send too. */
  scimPatch: 'strict' | 'lenient';
  /** What a SCIM group is. */
  scimGroups: 'team' | 'user_group';
  seed: number;
  /** Registered with every app first, before the addresses on port 3000 of this machine. */
  redirectUri?: string;
}

export const DEFAULTS: SimulatorOptions = {
  world: 'small',
  plan: 'enterprise',
  windowMs: 60_000,
  creditLimit: 100_000,
  latencyMs: 0,
  lagMs: 0,
  copyMs: 250,
  tokenTtlMs: 3_600_000,
  faults: [],
  scimPatch: 'lenient',
  scimGroups: 'team',
  seed: 1,
};
