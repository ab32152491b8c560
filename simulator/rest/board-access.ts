import { boardNotFound, forbidden } from '../http/api-error.js';
import { param, type Call } from '../http/call.js';
import { rankOf, roleOn } from '../state/access.js';
import type { Board, BoardRole } from '../state/board.js';

/**
 * The board of the path, if the caller's role reaches.
 * @throws ApiError 404 for an absent or deleted board, 403 for one that the caller may not use so
 */
export function boardOf(call: Call, needed: BoardRole, id = param(call, 'board_id')): Board {
  const { world } = call.sim;
  const board = world.boards.get(id);
  if (!board || board.deletedAt !== undefined) throw boardNotFound();
  const role = roleOn(world, board, call.actor.user);
  if (!role) throw forbidden('Access denied to the board');
  if (rankOf(role) < rankOf(needed)) throw forbidden(`The user's role on the board is ${role}; ${needed} is needed`);
  return board;
}
