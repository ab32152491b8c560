import type { Simulation } from '../simulation.js';
import { createBoard, type NewBoard } from '../state/boards.js';
import { addItem, buildItem, type ItemInput } from '../state/items.js';
import type { Board, BoardRole, Item } from '../state/board.js';
import { RETRO_COLUMNS } from './retro-texts.js';
import { person, team, type Cast } from './small.js';

const DAY = 24 * 3_600_000;

/** Boards of every kind that an audit or a clean-up meets. */
export function addSmallBoards(sim: Simulation, cast: Cast): void {
  const board = (name: string, teamName: string, owner: string, more: BoardOptions = {}): Board =>
    makeBoard(sim, cast, { name, teamName, owner, ...more });

  retro(sim, cast, board('Retro Sprint 42 🚀', 'Product', 'ben', { teamAccess: 'edit', ageDays: 3 }));
  template(sim, board('Vorlage: Projektstart', 'Product', 'ada', { teamAccess: 'view', ageDays: 120 }));
  board('Roadmap 2027', 'Product', 'ada', { teamAccess: 'comment', ageDays: 40, members: { ben: 'editor' } });
  board('Produktvision (öffentlich)', 'Product', 'uma', { access: 'view', ageDays: 200 });
  board('Jeder darf schreiben', 'Vertrieb', 'dora', { access: 'edit', ageDays: 90 });
  board('Altes Organigramm', 'Archiv', 'wiebke', { ageDays: 820 });
  board('Messeplanung 2023', 'Vertrieb', 'jonas', { ageDays: 1100, teamAccess: 'edit' });
  board('Ottos Notizen', 'Product', 'otto', { ageDays: 260, members: { ben: 'editor' } });
  board('Kundeninterviews', 'Vertrieb', 'petra', { ageDays: 300, members: { lena: 'coowner', sue: 'commenter' } });
  board('Legacy-Architektur', 'Platform', 'ravi', { ageDays: 500, teamAccess: 'edit' });
  board('Rebranding mit der Agentur', 'Design', 'fatima', { ageDays: 10, members: { mia: 'editor', leo: 'viewer' } });
  board('新製品アイデア 💡', '東京', 'chie', { ageDays: 5, teamAccess: 'edit', organizationAccess: 'view' });
  board('Partner onboarding', 'Platform', 'emil', { ageDays: 30, members: { ivy: 'viewer', tom: 'commenter' } });
}

interface BoardOptions {
  ageDays?: number;
  access?: string;
  teamAccess?: string;
  organizationAccess?: string;
  members?: Record<string, BoardRole>;
}

function makeBoard(
  sim: Simulation,
  cast: Cast,
  options: BoardOptions & { name: string; teamName: string; owner: string },
): Board {
  const { name, teamName, owner, ageDays = 0, members = {}, ...given } = options;
  const { access = 'private', teamAccess = 'private', organizationAccess = 'private' } = given;
  const input: NewBoard = {
    name,
    teamId: team(cast, teamName).id,
    ownerId: person(cast, owner).id,
    createdAt: sim.clock.now() - ageDays * DAY,
    policy: { sharingPolicy: { access, teamAccess, organizationAccess } },
  };
  const board = createBoard(sim, input);
  for (const [key, role] of Object.entries(members)) board.members.set(person(cast, key).id, role);
  return board;
}

/** Building touches the board; afterwards it is as old as it was. */
function keepingAge(board: Board, build: () => void): void {
  const { modifiedAt, modifiedBy } = board;
  build();
  Object.assign(board, { modifiedAt, modifiedBy });
}

function add(sim: Simulation, board: Board, userId: string, type: string, input: ItemInput): Item {
  return addItem(sim, board, buildItem(sim, board, type, input, { userId, appId: '' }));
}

/** Sixty stickies as people leave them: roughly in columns, overlapping, in several languages. */
function retro(sim: Simulation, cast: Cast, board: Board): void {
  const writers = ['ben', 'chie', 'dora', 'ines', 'lena', 'olga', 'uma', 'zoe'].map((key) => person(cast, key).id);
  keepingAge(board, () => {
    const tag = { id: sim.ids.next(), title: 'Action item', fillColor: 'red' };
    board.tags.set(tag.id, tag);
    RETRO_COLUMNS.forEach(({ title, fillColor, texts }, column) => {
      const x = column * 1100;
      add(sim, board, board.ownerId, 'text', {
        data: { content: title },
        style: { fontSize: '48' },
        position: { x, y: -700 },
      });
      texts.forEach((content, i) => {
        const near = (): number => Math.round((sim.random.next() - 0.5) * 130);
        const position = { x: x - 330 + (i % 4) * 220 + near(), y: -500 + Math.floor(i / 4) * 235 + near() };
        const made = add(sim, board, sim.random.pick(writers), 'sticky_note', {
          data: { content },
          style: { fillColor },
          position,
        });
        if (i % 9 === 4) made.tagIds.push(tag.id);
      });
    });
  });
}

/** A template board with placeholders, as teams keep them for copying. */
function template(sim: Simulation, board: Board): void {
  keepingAge(board, () => {
    const frame = add(sim, board, board.ownerId, 'frame', {
      data: { title: 'Projektstart: {{project.name}}' },
      geometry: { width: 1600, height: 900 },
    });
    const inside = (type: string, data: Record<string, unknown>, x: number, y: number): Item =>
      add(sim, board, board.ownerId, type, { data, parent: { id: frame.id }, position: { x, y } });
    inside('text', { content: 'Wer macht mit?' }, 300, 120);
    inside('sticky_note', { content: 'Ziele' }, 300, 400);
    inside('sticky_note', { content: 'Risiken' }, 800, 400);
    inside('card', { title: 'Erster Termin' }, 1250, 400);
  });
}
