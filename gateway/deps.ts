import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { IdKey } from '../ids.js';
import type { Miro, OAuthOptions } from '../miro/index.js';
import type { ApiKey } from '../store/api-keys.js';
import type { Db } from '../store/db.js';
import type { Vault } from '../store/vault.js';
import type { Limits } from './limits.js';

/** What linking, checking and revoking of accounts need, in the gateway and in the CLI. */
export interface AccountDeps {
  db: Db;
  vault: Vault;
  miro: Miro;
  /** The connections that `miro` uses too. */
  dispatcher: OAuthOptions['dispatcher'];
  /** Base URL of REST and OAuth token calls, e.g. https://api.miro.com. */
  apiUrl: string;
  /** Base URL of the authorize page and of SCIM, e.g. https://miro.com. */
  miroUrl: string;
  /** The installation's Miro app; without one no account can be linked by OAuth. */
  app?: { clientId: string; clientSecret: string } | undefined;
  /** HTTP deadline of one call to Miro, in ms. */
  deadlineMs: number;
  /** A sentence for whoever operates this; it holds no secret. */
  log: (line: string) => void;
}

/** What the pages that link an account need besides. */
export interface LinkDeps extends AccountDeps {
  /** Where browsers reach these pages, without a slash at the end. */
  publicUrl: string;
}

/** What the gateway needs. */
export interface GatewayDeps extends LinkDeps {
  idKey: IdKey;
  /** Origins that a link may send browsers to at its end. */
  returnOrigins: string[];
  /** Origin of the Temporal UI, which decodes payloads through the gateway. */
  uiOrigin?: string | undefined;
  /** Key ring of the payload codec, `name:base64[,…]`. */
  codecKeys?: string | undefined;
  limits: Limits;
}

/** What a request carries through its handlers. `Bindings` is empty where no server stands before the app. */
export interface GatewayEnv {
  Bindings: Partial<HttpBindings>;
  Variables: { requestId: string; key: ApiKey };
}
export type GatewayContext = Context<GatewayEnv>;
