import type { Body } from './miro.js';

interface Item {
  id: string;
  type: string;
  parent?: { id: string };
  tagIds: string[];
  geometry: { width: number; height: number };
  position: { x: number; y: number };
}
interface Board {
  id: string;
  name: string;
  team: { id: string };
  owner: { id: string };
  members: { id: string; role: string }[];
  items: Item[];
  connectors: { id: string; startItem?: { id: string }; endItem?: { id: string } }[];
  tags: { id: string; title: string }[];
  groups: { id: string; data: { items: string[] } }[];
}

/** What must hold in every state, as sentences about what doesn't. */
export function brokenInvariants(state: Body): string[] {
  const { boards, teams } = state as unknown as { boards: Board[]; teams: { id: string }[] };
  const teamIds = teams.map(({ id }) => id);
  return boards.flatMap((board) => broken(board, teamIds).map((what) => `${board.id}: ${what}`));
}

function broken(board: Board, teamIds: string[]): string[] {
  const items = new Map(board.items.map((item) => [item.id, item]));
  const tags = new Set(board.tags.map(({ id }) => id));
  const all = [...board.items, ...board.connectors, ...board.tags, ...board.groups].map(({ id }) => id);
  const ends = board.connectors.flatMap(({ startItem, endItem }) => [startItem?.id, endItem?.id]);
  const rules: [boolean, string][] = [
    [teamIds.includes(board.team.id), 'its team does not exist'],
    [board.name.length > 0 && [...board.name].length <= 60, 'its name is empty or too long'],
    [board.members.filter(({ role }) => role === 'owner').length === 1, 'it has not exactly one owner'],
    [board.members.some(({ id, role }) => id === board.owner.id && role === 'owner'), 'its owner is no member'],
    [new Set(all).size === all.length, 'an id is there twice'],
    [new Set(board.tags.map(({ title }) => title)).size === board.tags.length, 'a tag title is there twice'],
    [ends.every((id) => id === undefined || items.has(id)), 'a connector ends at nothing'],
    [
      board.groups.every(({ data }) => data.items.length > 1 && data.items.every((id) => items.has(id))),
      'a group holds nothing',
    ],
    [board.items.every(({ parent }) => !parent || items.get(parent.id)?.type === 'frame'), 'a parent is no frame'],
    [
      board.items.every(({ tagIds }) => tagIds.length <= 8 && tagIds.every((id) => tags.has(id))),
      'an item has an unknown tag',
    ],
    [board.items.every(hasPlace), 'an item has no size or place'],
  ];
  return rules.filter(([holds]) => !holds).map(([, what]) => what);
}

const hasPlace = ({ geometry, position }: Item): boolean =>
  [geometry.width, geometry.height, position.x, position.y].every((n) => typeof n === 'number') && geometry.width > 0;
