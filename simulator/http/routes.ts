import { SCIM_BASE } from '../scim/errors.js';
import { operations, type Operation } from '../spec/operations.js';
import type { Handler, Handlers, Incoming, OpenHandler } from './call.js';
import { Router } from './router.js';

export interface Target {
  op: Operation;
  handler: { call: Handler } | { open: OpenHandler };
  /** Whether the request means this operation, where several share method and path. */
  applies: (incoming: Incoming) => boolean;
}
export type Routes = Router<Target>;

/** Operations that differ from their neighbours on the same path by the query. */
const QUERY_PICKS: Record<string, (query: Record<string, string>) => boolean> = {
  'get-items-within-frame': (q) => q['parent_item_id'] !== undefined,
  'get-items-by-tag': (q) => q['tag_id'] !== undefined,
  'get-items': (q) => q['parent_item_id'] === undefined && q['tag_id'] === undefined,
  'remove-tag-from-item': (q) => q['tag_id'] !== undefined,
  'delete-item': (q) => q['tag_id'] === undefined,
  deleteGroup: (q) => q['delete_items'] === 'true',
  unGroup: (q) => q['delete_items'] !== 'true',
};

const isMultipart = ({ headers }: Incoming): boolean =>
  String(headers['content-type'] ?? '').startsWith('multipart/form-data');

/** The specification's operations with their handlers, and the few open routes that it leaves out. */
export function buildRoutes(handlers: Handlers, open: Record<string, OpenHandler>): Routes {
  const routes = new Router<Target>();
  for (const op of operations) {
    const path = op.path.startsWith('/v') ? op.path : `${SCIM_BASE}${op.path}`;
    const openHandler = open[op.id];
    const handler = handlers[op.id];
    const pick = QUERY_PICKS[op.id];
    const applies = (incoming: Incoming): boolean =>
      (!op.body || op.multipart === isMultipart(incoming)) && (pick?.(incoming.query) ?? true);
    if (openHandler) routes.add(op.method, path, { op, handler: { open: openHandler }, applies });
    else if (handler) routes.add(op.method, path, { op, handler: { call: handler }, applies });
  }
  return routes;
}

/** Adds a route that the specification doesn't have, such as the token endpoint. */
export function addOpenRoute(routes: Routes, method: string, path: string, open: OpenHandler): void {
  const op: Operation = {
    id: path,
    method,
    path,
    query: [],
    multipart: false,
    credits: 0,
    scopes: [],
    enterprise: false,
    answers: {},
  };
  routes.add(method, path, { op, handler: { open }, applies: () => true });
}
