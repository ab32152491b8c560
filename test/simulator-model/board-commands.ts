import { NAMES, onBoard, pick, type Command, type Planned } from './command.js';
import { changeRole, copy, ME, newBoard } from './model.js';

const PEOPLE = ['ann@guests.example', 'bob@guests.example', ME];
const ROLES = ['viewer', 'commenter', 'editor', 'coowner', 'owner'];

export const BOARD_COMMANDS: Record<string, Command> = {
  createBoard: ({ model, chance: [a] }) => {
    const name = pick(NAMES, a)!;
    const done: Planned['done'] = ({ id }) => model.set(id!, newBoard(id!, name));
    return { method: 'POST', path: '/v2/boards', body: { name }, status: 201, done };
  },

  renameBoard: ({ board, chance: [a] }) => {
    const name = pick(NAMES, a)!;
    const done = (): unknown => (board.name = name);
    return onBoard(board, 'editor', { method: 'PATCH', body: { name }, status: 200, done });
  },

  copyBoard: ({ model, board, partsOf, chance: [a] }) => {
    const name = pick(NAMES, a)!;
    const done: Planned['done'] = async ({ id }) => {
      const made = await partsOf(id!);
      const ids = new Map((await partsOf(board.id)).map((old, i) => [old, made[i]!]));
      model.set(id!, copy(board, id!, name, ids));
    };
    const planned = onBoard(board, 'viewer', { method: 'PUT', body: { name }, status: 201, done });
    return { ...planned, path: `/v2/boards?copy_from=${encodeURIComponent(board.id)}` };
  },

  deleteBoard: ({ model, board }) =>
    onBoard(board, 'owner', { method: 'DELETE', status: 204, done: () => model.delete(board.id) }),

  share: ({ board, chance: [a, b] }) => {
    const [email, role] = [pick(PEOPLE, a)!, pick(ROLES, b)!];
    const done = (): void => {
      if (board.members.get(email) !== 'owner') board.members.set(email, role === 'owner' ? 'coowner' : role);
    };
    const body = { emails: [email], role };
    return onBoard(board, 'editor', { method: 'POST', at: '/members', body, status: 201, done });
  },

  changeRole: ({ board, idOf, chance: [a, b] }) => {
    const [email, before] = pick(board.members, a)!;
    const role = pick(ROLES, b)!;
    const status = before === 'owner' && role !== 'owner' ? 400 : 200;
    const done = (): void => changeRole(board, email, role);
    return onBoard(board, 'editor', { method: 'PATCH', at: `/members/${idOf(email)}`, body: { role }, status, done });
  },

  removeMember: ({ board, idOf, chance: [a] }) => {
    const [email, role] = pick(board.members, a)!;
    const status = role === 'owner' ? 403 : 204;
    const done = (): unknown => board.members.delete(email);
    return onBoard(board, 'editor', { method: 'DELETE', at: `/members/${idOf(email)}`, status, done });
  },
};
