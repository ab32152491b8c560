import type { Simulation } from '../simulation.js';
import { appActs } from './acts/apps.js';
import { boardActs } from './acts/boards.js';
import { itemActs } from './acts/items.js';
import { peopleActs } from './acts/people.js';
import { tokenActs } from './acts/tokens.js';
import { personOf, refused, text, type Act } from './scene.js';

const ACTS = new Map<string, Act>(
  Object.entries({ ...itemActs, ...boardActs, ...peopleActs, ...tokenActs, ...appActs }),
);

/**
 * Does `input.do` as the person `input.as` (id or e-mail; by default the first admin).
 * @throws ApiError 400 that names what is wrong, and all deeds where `do` names none
 */
export function act(sim: Simulation, input: Record<string, unknown>): unknown {
  const chosen = ACTS.get(text(input, 'do') ?? '');
  if (!chosen) throw refused(`"do" must be one of ${[...ACTS.keys()].join(', ')}`);
  const first = sim.world.users.keys().next().value;
  return chosen({ sim, input, user: personOf(sim, text(input, 'as') ?? first) });
}
