import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import { nothing } from './readers.js';
import { boardMemberSchema, boardSchema, sharedSchema } from './schemas.js';
import type { Board, BoardMember, Shared } from './schemas.js';

export interface SharingPolicy {
  /** Who has the link. */
  access?: 'private' | 'view' | 'comment' | 'edit';
  organizationAccess?: 'private' | 'view' | 'comment' | 'edit';
  teamAccess?: 'private' | 'view' | 'comment' | 'edit';
  inviteToAccountAndBoardLinkAccess?: 'viewer' | 'commenter' | 'editor' | 'no_access';
}

export interface PermissionsPolicy {
  copyAccess?: 'anyone' | 'team_members' | 'team_editors' | 'board_owner';
  sharingAccess?: 'team_members_with_editing_rights' | 'owner_and_coowners';
  collaborationToolsStartAccess?: 'all_editors' | 'board_owners_and_coowners';
}

export interface NewBoard {
  /** 1 to 60 characters. */
  name?: string;
  /** At most 300 characters. */
  description?: string;
  teamId?: string;
  projectId?: string;
  policy?: { sharingPolicy?: SharingPolicy; permissionsPolicy?: PermissionsPolicy };
}

export interface BoardFilter {
  /** With a team or a project Miro ignores `query` and `owner`, and the list is immediate. */
  teamId?: string;
  projectId?: string;
  /** In name or description; new boards are found after a few seconds only. */
  query?: string;
  /** A user's id. */
  owner?: string;
  sort?: 'default' | 'last_modified' | 'last_opened' | 'last_created' | 'alphabetically';
  /** 1 to 50, default 50. */
  limit?: number;
}

export type BoardRole = 'viewer' | 'commenter' | 'editor' | 'coowner' | 'owner';

/** @see docs/miro-api.md#boards */
export const boards = {
  get: (boardId: string): Call<Board> => buildCall('get-specific-board', { path: { board_id: boardId } }, boardSchema),

  /** By offset; a list that changes while it is read is read again. */
  list: ({ teamId, projectId, limit = 50, ...filter }: BoardFilter = {}): PageCall<Board> =>
    buildList('get-boards', { query: { team_id: teamId, project_id: projectId, limit, ...filter } }, boardSchema),

  create: (board: NewBoard): Call<Board> => buildCall('create-board', { body: board }, boardSchema),

  /** The copy is complete when this answers, which can take many seconds. A copy can't be put into a project. */
  copy: ({ from, ...board }: { from: string } & Omit<NewBoard, 'projectId'>): Call<Board> =>
    buildCall('copy-board', { query: { copy_from: from }, body: board }, boardSchema),

  /** Undefined if Miro accepted the change but has not made it yet (202): read the board again. */
  update: (boardId: string, board: NewBoard): Call<Board | undefined> =>
    buildCall('update-board', { path: { board_id: boardId }, body: board }, boardSchema.optional()),

  delete: (boardId: string): Call<void> => buildCall('delete-board', { path: { board_id: boardId } }, nothing),
};

export interface Invitation {
  /** 1 to 20. */
  emails: string[];
  role: BoardRole;
  message?: string;
}

/** @see docs/miro-api.md#board-members */
export const boardMembers = {
  list: (boardId: string): PageCall<BoardMember> =>
    buildList('get-board-members', { path: { board_id: boardId }, query: { limit: 50 } }, boardMemberSchema),

  get: (boardId: string, userId: string): Call<BoardMember> =>
    buildCall('get-specific-board-member', { path: memberPath(boardId, userId) }, boardMemberSchema),

  /** Sends e-mails. Read `failed` of the answer: a success can hold refusals. */
  share: (boardId: string, invitation: Invitation): Call<Shared> =>
    buildCall('share-board', { path: { board_id: boardId }, body: invitation }, sharedSchema),

  update: (boardId: string, userId: string, change: { role: BoardRole }): Call<BoardMember> =>
    buildCall('update-board-member', { path: memberPath(boardId, userId), body: change }, boardMemberSchema),

  remove: (boardId: string, userId: string): Call<void> =>
    buildCall('remove-board-member', { path: memberPath(boardId, userId) }, nothing),
};

const memberPath = (boardId: string, userId: string) => ({ board_id: boardId, board_member_id: userId });
