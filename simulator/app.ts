import type { AddressInfo } from 'node:net';
import { answerControl } from './control/controls.js';
import type { Handlers } from './http/call.js';
import { addOpenRoute, buildRoutes, type Routes } from './http/routes.js';
import { createHttpServer } from './http/server.js';
import { authorizeDecision, authorizePage } from './oauth/authorize-page.js';
import { oembed } from './oauth/oembed.js';
import { tokenEndpoint } from './oauth/token-endpoint.js';
import { tokenOperations } from './oauth/tokens.js';
import type { SimulatorOptions } from './options.js';
import { boardMembers } from './rest/board-members.js';
import { boards } from './rest/boards.js';
import { bulk } from './rest/bulk.js';
import { cases } from './rest/cases.js';
import { classification } from './rest/classification.js';
import { connectors } from './rest/connectors.js';
import { docs } from './rest/docs.js';
import { experimental } from './rest/experimental.js';
import { boardExports } from './rest/exports.js';
import { itemGroups } from './rest/item-groups.js';
import { items } from './rest/items.js';
import { logs } from './rest/logs.js';
import { orgs } from './rest/orgs.js';
import { projectMembers } from './rest/project-members.js';
import { projects } from './rest/projects.js';
import { tags } from './rest/tags.js';
import { teamSettings } from './rest/team-settings.js';
import { teams } from './rest/teams.js';
import { uploads } from './rest/uploads.js';
import { userGroupShares } from './rest/user-group-shares.js';
import { userGroups } from './rest/user-groups.js';
import { scimDiscovery } from './scim/discovery.js';
import { SCIM_BASE } from './scim/errors.js';
import { createGroup, deleteGroup, scimGroups } from './scim/groups.js';
import { scimUsers } from './scim/users.js';
import { Simulation, type Account } from './simulation.js';

/** A running simulator: where it listens and the credentials of its first account. */
export interface RunningSimulator extends Account {
  url: string;
  close: () => Promise<void>;
}

export interface Simulator {
  /** `port` 0 takes a free one; `host` is 127.0.0.1 unless told. */
  start: (at?: { port?: number; host?: string }) => Promise<RunningSimulator>;
}

const handlers: Handlers = {
  ...boards,
  ...boardMembers,
  ...items,
  ...bulk,
  ...connectors,
  ...tags,
  ...itemGroups,
  ...projects,
  ...projectMembers,
  ...orgs,
  ...teams,
  ...teamSettings,
  ...userGroups,
  ...userGroupShares,
  ...classification,
  ...boardExports,
  ...logs,
  ...cases,
  ...docs,
  ...uploads,
  ...experimental,
};

/**
 * A stand-in for Miro with state of its own, over real HTTP: REST, OAuth and the controls under `/_sim/`.
 * @throws Error if the options name a world that can't be made
 */
export function createSimulator(options: Partial<SimulatorOptions> = {}): Simulator {
  const sim = new Simulation(options);
  const routes = allRoutes();
  return {
    async start({ port = 0, host = '127.0.0.1' } = {}) {
      const server = createHttpServer(sim, routes, answerControl);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      const url = `http://${host}:${(server.address() as AddressInfo).port}`;
      sim.baseUrl = url;
      const close = (): Promise<void> =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        });
      return { url, ...sim.account, close };
    },
  };
}

function allRoutes(): Routes {
  const routes = buildRoutes(handlers, { ...tokenOperations, ...scimUsers, ...scimGroups, ...scimDiscovery });
  addOpenRoute(routes, 'POST', `${SCIM_BASE}/Groups`, createGroup);
  addOpenRoute(routes, 'DELETE', `${SCIM_BASE}/Groups/{id}`, deleteGroup);
  addOpenRoute(routes, 'POST', '/v1/oauth/token', tokenEndpoint);
  addOpenRoute(routes, 'GET', '/oauth/authorize', authorizePage);
  addOpenRoute(routes, 'POST', '/oauth/authorize', authorizeDecision);
  addOpenRoute(routes, 'GET', '/api/v1/oembed', oembed);
  return routes;
}
