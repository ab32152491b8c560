import { itemFields } from '../../rest/item-view.js';
import { stamps } from '../../state/boards.js';
import { addItem, buildItem, removeItem, updateItem, type Author, type ItemInput } from '../../state/items.js';
import type { User } from '../../state/organisation.js';
import { boardOf, itemOf, number, text, type Act, type Scene } from '../scene.js';

export const itemActs: Record<string, Act> = {
  'move-item': (scene) => change(scene, { position: { x: number(scene.input, 'x'), y: number(scene.input, 'y') } }),
  'edit-item': (scene) => change(scene, sentBy(scene)),
  'add-item': (scene) => add(scene, text(scene.input, 'type') ?? 'shape'),
  'add-sticky': (scene) => add(scene, 'sticky_note'),

  /** Copy and paste: whatever marks the item comes along. */
  'copy-item': (scene) => {
    const { sim, user } = scene;
    const board = boardOf(scene);
    const item = itemOf(scene, board);
    const copy = { ...structuredClone(item), id: sim.ids.next(), ...stamps(sim.clock.now(), user.id) };
    if (!copy.parentId) copy.x += copy.geometry.width + 20;
    return itemFields(sim, board, addItem(sim, board, copy));
  },

  'delete-item': (scene) => {
    const board = boardOf(scene);
    removeItem(scene.sim, board, itemOf(scene, board), scene.user.id);
    return { deleted: true };
  },
};

const person = (user: User): Author => ({ userId: user.id, appId: '' });

function sentBy({ input }: Scene): ItemInput {
  const { data, style, position, geometry, parent } = input as ItemInput;
  const content = text(input, 'content');
  return { data: content === undefined ? data : { ...data, content }, style, position, geometry, parent };
}

function change(scene: Scene, input: ItemInput): unknown {
  const board = boardOf(scene);
  const item = itemOf(scene, board);
  updateItem(scene.sim, board, item, input, person(scene.user));
  return itemFields(scene.sim, board, item);
}

function add(scene: Scene, type: string): unknown {
  const { sim, user } = scene;
  const board = boardOf(scene);
  return itemFields(sim, board, addItem(sim, board, buildItem(sim, board, type, sentBy(scene), person(user))));
}
