import { boardFields } from '../../rest/board-view.js';
import { createBoard, indexBoard, touch } from '../../state/boards.js';
import { copyBoard } from '../../state/copy-board.js';
import { deleteBoard } from '../../state/delete-board.js';
import { boardOf, teamOf, text, type Act } from '../scene.js';

export const boardActs: Record<string, Act> = {
  'create-board': (scene) => {
    const { sim, input, user } = scene;
    const wanted = { name: text(input, 'name'), description: text(input, 'description') };
    return boardFields(sim, createBoard(sim, { ...wanted, teamId: teamOf(scene).id, ownerId: user.id }));
  },

  /** Marker and all: the description is copied too. */
  'copy-board': (scene) => {
    const { sim, input, user } = scene;
    const source = boardOf(scene);
    const name = text(input, 'name') ?? `Copy of ${source.name}`.slice(0, 60);
    return boardFields(sim, copyBoard(sim, source, { name, teamId: source.teamId, ownerId: user.id }));
  },

  'edit-board': (scene) => {
    const { sim, input, user } = scene;
    const board = boardOf(scene);
    board.name = text(input, 'name') ?? board.name;
    board.description = text(input, 'description') ?? board.description;
    touch(sim, user.id, board);
    indexBoard(sim, board);
    return boardFields(sim, board);
  },

  'delete-board': (scene) => {
    deleteBoard(scene.sim, boardOf(scene), scene.user.id);
    return { deleted: true };
  },
};
