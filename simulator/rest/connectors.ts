import { json, noContent } from '../http/answer.js';
import { invalidField, itemNotFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { stamps, touch } from '../state/boards.js';
import { paragraphs } from '../state/content.js';
import type { Simulation } from '../simulation.js';
import type { Board, Connector, ConnectorEnd } from '../state/board.js';
import { boardOf } from './board-access.js';
import { boardPath } from './board-view.js';
import { stampsView } from './item-view.js';
import { cursorPage } from './pages.js';

interface EndInput {
  id?: string | number;
  position?: { x: string; y: string };
  snapTo?: 'auto' | 'top' | 'right' | 'bottom' | 'left';
}
interface ConnectorInput {
  startItem?: EndInput;
  endItem?: EndInput;
  shape?: string;
  captions?: { content: string; position?: string; textAlignVertical?: string }[];
  style?: Record<string, unknown>;
}

const DEFAULT_STYLE = {
  startStrokeCap: 'none',
  endStrokeCap: 'stealth',
  strokeColor: '#000000',
  strokeStyle: 'normal',
  strokeWidth: '1.0',
  color: '#1a1a1a',
  fontSize: '14',
  textOrientation: 'horizontal',
};

const SNAPS = {
  auto: { x: '50%', y: '50%' },
  top: { x: '50%', y: '0%' },
  right: { x: '100%', y: '50%' },
  bottom: { x: '50%', y: '100%' },
  left: { x: '0%', y: '50%' },
};

export const connectors: Handlers = {
  'create-connector': (call) => {
    const board = boardOf(call, 'editor');
    const input = call.body as ConnectorInput;
    const ends = { startItem: endOf(board, 'startItem', input), endItem: endOf(board, 'endItem', input) };
    requireTwoItems(ends);
    const userId = call.actor.user.id;
    const connector: Connector = {
      id: call.sim.ids.next(),
      shape: input.shape ?? 'curved',
      ...ends,
      captions: captionsOf(input),
      style: { ...DEFAULT_STYLE, ...strings(input.style) },
      ...stamps(call.sim.clock.now(), userId),
    };
    board.connectors.set(connector.id, connector);
    touch(call.sim, userId, board);
    return json(200, connectorFields(call.sim, board, connector));
  },

  'get-connectors': (call) => {
    const board = boardOf(call, 'viewer');
    const show = (c: Connector): unknown => connectorFields(call.sim, board, c);
    return json(200, cursorPage(call, [...board.connectors.values()], { idOf: (c) => c.id, show }));
  },

  'get-connector': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, connectorFields(call.sim, board, connectorOf(call, board)));
  },

  'update-connector': (call) => {
    const board = boardOf(call, 'editor');
    const connector = connectorOf(call, board);
    const input = call.body as ConnectorInput;
    const startItem = input.startItem ? endOf(board, 'startItem', input, connector.startItem) : connector.startItem;
    const endItem = input.endItem ? endOf(board, 'endItem', input, connector.endItem) : connector.endItem;
    requireTwoItems({ startItem, endItem });
    Object.assign(connector, { startItem, endItem });
    connector.shape = input.shape ?? connector.shape;
    connector.captions = input.captions ? captionsOf(input) : connector.captions;
    connector.style = { ...connector.style, ...strings(input.style) };
    touch(call.sim, call.actor.user.id, connector, board);
    return json(200, connectorFields(call.sim, board, connector));
  },

  'delete-connector': (call) => {
    const board = boardOf(call, 'editor');
    board.connectors.delete(connectorOf(call, board).id);
    touch(call.sim, call.actor.user.id, board);
    return noContent;
  },
};

function connectorOf(call: Call, board: Board): Connector {
  const connector = board.connectors.get(param(call, 'connector_id'));
  if (!connector) throw itemNotFound(board.id);
  return connector;
}

function endOf(
  board: Board,
  side: 'startItem' | 'endItem',
  input: ConnectorInput,
  before?: ConnectorEnd,
): ConnectorEnd {
  const { id = before?.id, position, snapTo } = input[side] ?? {};
  if (id === undefined) throw invalidField(`${side}.id`, `Field [${side}.id] is required`);
  if (position && snapTo) throw invalidField(side, `Only one of [${side}.position] and [${side}.snapTo] can be set`);
  const item = board.items.get(String(id));
  if (!item) throw itemNotFound(board.id);
  if (item.type === 'frame') throw invalidField(`${side}.id`, 'Frames cannot be connected');
  return { id: item.id, position: position ?? (snapTo ? SNAPS[snapTo] : (before?.position ?? SNAPS.auto)) };
}

function requireTwoItems({ startItem, endItem }: Pick<Connector, 'startItem' | 'endItem'>): void {
  if (startItem && startItem.id === endItem?.id)
    throw invalidField('endItem.id', 'startItem.id must be different from endItem.id');
}

const captionsOf = ({ captions = [] }: ConnectorInput): Record<string, unknown>[] =>
  captions.map(({ content, position = '50%', textAlignVertical = 'middle' }) => ({
    content: paragraphs(content),
    position,
    textAlignVertical,
  }));

const strings = (style: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries(style).map(([key, value]) => [key, String(value)]));

/** A connector in Miro's own field names; an end that hangs in the air is left out. */
export function connectorFields(sim: Simulation, board: Board, connector: Connector): Record<string, unknown> {
  const base = `${sim.baseUrl}${boardPath(board.id)}`;
  const end = (e: ConnectorEnd): unknown => ({ ...e, links: { self: `${base}/items/${e.id}` } });
  const { id, shape, startItem, endItem, captions, style } = connector;
  return {
    id,
    type: 'connector',
    shape,
    isSupported: true,
    ...(startItem && { startItem: end(startItem) }),
    ...(endItem && { endItem: end(endItem) }),
    captions,
    style,
    ...stampsView(connector),
    links: { self: `${base}/connectors/${id}` },
  };
}
