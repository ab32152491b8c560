import type { Simulation } from '../simulation.js';
import type { Board } from './board.js';

/** The board goes to the trash; no endpoint sees it any more. */
export function deleteBoard(sim: Simulation, board: Board, userId: string): void {
  board.deletedAt = sim.clock.now();
  board.deletedBy = userId;
}
