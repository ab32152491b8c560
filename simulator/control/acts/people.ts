import type { BoardRole } from '../../state/board.js';
import type { TeamRole, User } from '../../state/organisation.js';
import { join } from '../../worlds/people.js';
import { boardOf, personOf, refused, teamOf, text, type Act } from '../scene.js';

export const peopleActs: Record<string, Act> = {
  /** `user` gets `role` on `boardId`, else in `teamId`, else in the organisation. */
  'change-role': (scene) => {
    const { sim, input } = scene;
    const user = personOf(sim, text(input, 'user'));
    const role = text(input, 'role');
    if (role === undefined) throw refused('"role" is missing');
    if (input['boardId'] !== undefined) boardOf(scene).members.set(user.id, role as BoardRole);
    else if (input['teamId'] !== undefined) join(sim, teamOf(scene), user, role as TeamRole);
    else user.role = role as User['role'];
    return { user: user.id, role };
  },

  'remove-member': (scene) => {
    const user = personOf(scene.sim, text(scene.input, 'user'));
    const members = scene.input['boardId'] === undefined ? teamOf(scene).members : boardOf(scene).members;
    return { removed: members.delete(user.id) };
  },

  'set-active': ({ sim, input }) => {
    const user = personOf(sim, text(input, 'user'));
    user.active = input['active'] !== false;
    return { user: user.id, active: user.active };
  },

  /** A full team takes no more boards; `full: false` makes room again. */
  'fill-team': (scene) => {
    const team = teamOf(scene);
    team.full = scene.input['full'] !== false;
    return { teamId: team.id, full: team.full };
  },
};
