import { json, noContent, type Answer } from '../http/answer.js';
import { ApiError, forbidden, invalidField } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { indexBoard, touch } from '../state/boards.js';
import { isEmail, inviteByEmail } from '../state/invite.js';
import type { Board, BoardRole } from '../state/board.js';
import { boardOf } from './board-access.js';
import { boardPath } from './board-view.js';
import { offsetPage } from './pages.js';

const memberNotFound = (): ApiError => new ApiError(404, '3.0201', 'Board member not found');

export const boardMembers: Handlers = {
  'share-board': (call) => {
    const board = sharedBoard(call);
    const { emails, role = 'commenter' } = call.body as { emails: string[]; role?: BoardRole };
    const successful: string[] = [];
    const failed: { email: string; reason: string }[] = [];
    for (const email of emails) {
      const user = isEmail(email) ? inviteByEmail(call.sim, board.teamId, email, call.actor.user) : undefined;
      if (!user) failed.push({ email, reason: 'INVITATION_FAILED' });
      else {
        // "owner" acts as co-owner here, and an invitation never takes rights away from the owner
        if (user.id !== board.ownerId) board.members.set(user.id, role === 'owner' ? 'coowner' : role);
        successful.push(user.id);
      }
    }
    if (successful.length > 0) touch(call.sim, call.actor.user.id, board);
    return invitationResult(successful, failed);
  },

  'get-board-members': (call) => {
    const board = boardOf(call, 'viewer');
    return json(
      200,
      offsetPage(call, [...board.members.keys()], (id) => memberView(call, board, id)),
    );
  },

  'get-specific-board-member': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, memberWithLinks(call, board, memberId(call, board)));
  },

  'update-board-member': (call) => {
    const board = sharedBoard(call);
    const id = memberId(call, board);
    const { role } = call.body as { role?: BoardRole };
    if (role) changeRole(call, board, id, role);
    return json(200, memberWithLinks(call, board, id));
  },

  'remove-board-member': (call) => {
    const board = sharedBoard(call);
    const id = memberId(call, board);
    if (id === board.ownerId) throw forbidden('The owner of a board cannot be removed');
    board.members.delete(id);
    touch(call.sim, call.actor.user.id, board);
    return noContent;
  },
};

function sharedBoard(call: Call): Board {
  const board = boardOf(call, 'editor');
  const ownersOnly = board.policy.permissionsPolicy.sharingAccess === 'owner_and_coowners';
  return ownersOnly ? boardOf(call, 'coowner') : board;
}

function memberId(call: Call, board: Board): string {
  const id = param(call, 'board_member_id');
  if (!board.members.has(id)) throw memberNotFound();
  return id;
}

/** Only the owner hands the board on, and stays as co-owner; a Content Admin may do it for them. */
function changeRole(call: Call, board: Board, id: string, role: BoardRole): void {
  const { user } = call.actor;
  if (role === 'owner' && id !== board.ownerId) {
    if (user.id !== board.ownerId && !user.adminRoles.includes('Content Admin'))
      throw forbidden('Only the owner of a board may pass on its ownership');
    board.members.set(board.ownerId, 'coowner');
    board.ownerId = id;
    indexBoard(call.sim, board);
  } else if (id === board.ownerId && role !== 'owner') {
    throw invalidField('role', "The owner's role cannot be changed; make somebody else the owner");
  }
  board.members.set(id, role);
  touch(call.sim, user.id, board);
}

function memberView(call: Call, board: Board, id: string): Record<string, unknown> {
  const name = call.sim.world.users.get(id)?.name ?? 'Deleted user';
  return { id, name, role: board.members.get(id), type: 'board_member' };
}

const memberWithLinks = (call: Call, board: Board, id: string): Record<string, unknown> => ({
  ...memberView(call, board, id),
  links: { self: `${call.sim.baseUrl}${boardPath(board.id)}/members/${id}` },
});

/** `successful` holds ids as JSON numbers beyond 2^53, so the text is put together by hand. */
function invitationResult(successful: string[], failed: { email: string; reason: string }[]): Answer {
  return { status: 201, text: `{"failed":${JSON.stringify(failed)},"successful":[${successful.join(',')}]}` };
}
