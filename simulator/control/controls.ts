import { json, type Answer } from '../http/answer.js';
import { ApiError } from '../http/api-error.js';
import type { Incoming } from '../http/call.js';
import { parseFaults } from '../faults/parse.js';
import type { Simulation } from '../simulation.js';
import { isoSeconds } from '../state/clock.js';
import { act } from './act.js';
import { drawBoard } from './draw.js';
import { worldState } from './state.js';

type Control = (sim: Simulation, body: unknown) => Answer | Promise<Answer>;

/** Beyond some millennia there are no dates. */
const CENTURY_MS = 100 * 366 * 24 * 3_600_000;

const CONTROLS: Record<string, Control> = {
  'GET /_sim/state': (sim) => json(200, worldState(sim)),
  'GET /_sim/requests': (sim) => json(200, sim.log.list()),
  'GET /_sim/faults': (sim) => json(200, sim.faults.list()),
  'PUT /_sim/faults': (sim, body) => {
    sim.faults.set(refusing(() => parseFaults(body)));
    return json(200, sim.faults.list());
  },
  'GET /_sim/budget': (sim) => json(200, sim.credits.all()),
  'POST /_sim/reset': (sim) => {
    sim.reset();
    return json(200, sim.account);
  },
  'POST /_sim/clock': (sim, body) => {
    const { advanceMs } = body as { advanceMs?: unknown };
    if (typeof advanceMs !== 'number' || !(advanceMs >= 0) || advanceMs > CENTURY_MS)
      throw refusal('advanceMs must be a number of milliseconds, at most a century');
    sim.clock.advance(advanceMs);
    return json(200, { now: isoSeconds(sim.clock.now()) });
  },
  'POST /_sim/act': (sim, body) => json(200, act(sim, body as Record<string, unknown>)),
};

/** Answers `/_sim/*`. Needs no token, costs no credits, obeys no faults. */
export async function answerControl(sim: Simulation, incoming: Incoming): Promise<Answer> {
  try {
    const drawn = /^\/_sim\/boards\/([^/]+)\.svg$/.exec(incoming.path);
    if (drawn && incoming.method === 'GET')
      return drawBoard(
        sim,
        refusing(() => decodeURIComponent(drawn[1]!)),
      );
    const control = CONTROLS[`${incoming.method} ${incoming.path}`];
    if (!control)
      throw new ApiError(404, 'notFound', `The simulator has no control ${incoming.method} ${incoming.path}`);
    return await control(sim, bodyOf(incoming));
  } catch (err) {
    if (err instanceof ApiError) return err.toAnswer();
    throw err;
  }
}

/** None at all stands for an empty object. */
function bodyOf({ body }: Incoming): unknown {
  if (body.length === 0) return {};
  const parsed = refusing(() => JSON.parse(body.toString('utf8')) as unknown);
  if (typeof parsed !== 'object' || parsed === null) throw refusal('The body must be an object or an array');
  return parsed;
}

const refusal = (message: string): ApiError => new ApiError(400, 'invalidParameters', message);

function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (err) {
    throw refusal((err as Error).message);
  }
}
