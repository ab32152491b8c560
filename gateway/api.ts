/** The API's frame: each route names the scope of the keys that may use it; whatever names none does not exist. */
import type { Hono } from 'hono';
import type { KeyScope } from '../store/api-keys.js';
import { requireScope } from './auth.js';
import type { GatewayContext, GatewayDeps, GatewayEnv } from './deps.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
export type Route = [Method, path: string, KeyScope, (deps: GatewayDeps, c: GatewayContext) => Promise<Response>];

/** Adds the routes; their callers have been authenticated before. */
export function addRoutes(app: Hono<GatewayEnv>, deps: GatewayDeps, routes: Route[]): void {
  for (const [method, path, scope, answer] of routes) {
    app.on(method, path, async (c) => {
      requireScope(c.get('key'), scope);
      return await answer(deps, c as GatewayContext);
    });
  }
}
