import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import { nothing } from './readers.js';
import { connectorSchema } from './schemas.js';
import type { Connector } from './schemas.js';

/** One end: at most one of `snapTo` and `position`; frames can't be ends. */
export interface ConnectorEnd {
  id: string;
  snapTo?: 'auto' | 'top' | 'right' | 'bottom' | 'left';
  /** From the item's top-left corner, in percent: '50%'. */
  position?: { x: string; y: string };
}

export interface ConnectorBody {
  startItem?: ConnectorEnd;
  endItem?: ConnectorEnd;
  shape?: 'straight' | 'elbowed' | 'curved';
  /** At most 20, each of at most 200 characters. */
  captions?: { content: string; position?: string; textAlignVertical?: string }[];
  style?: Record<string, string>;
}
export type NewConnector = ConnectorBody & Required<Pick<ConnectorBody, 'startItem' | 'endItem'>>;

/** @see docs/miro-api.md#connectors */
export const connectors = {
  list: (boardId: string): PageCall<Connector> =>
    buildList('get-connectors', { path: { board_id: boardId }, query: { limit: 50 } }, connectorSchema),

  get: (boardId: string, connectorId: string): Call<Connector> =>
    buildCall('get-connector', { path: connectorPath(boardId, connectorId) }, connectorSchema),

  create: (boardId: string, connector: NewConnector): Call<Connector> =>
    buildCall('create-connector', { path: { board_id: boardId }, body: connector }, connectorSchema),

  update: (boardId: string, connectorId: string, change: ConnectorBody): Call<Connector> =>
    buildCall('update-connector', { path: connectorPath(boardId, connectorId), body: change }, connectorSchema),

  delete: (boardId: string, connectorId: string): Call<void> =>
    buildCall('delete-connector', { path: connectorPath(boardId, connectorId) }, nothing),
};

const connectorPath = (boardId: string, connectorId: string) => ({ board_id: boardId, connector_id: connectorId });
