import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import type { Call } from './call.js';
import { request } from './request.js';
import type { Answer } from './request.js';
import type { RestToken } from './tokens.js';

export { boardMembers, boards } from './boards.js';
export type { BoardFilter, BoardRole, Invitation, NewBoard, PermissionsPolicy, SharingPolicy } from './boards.js';
export { call } from './call.js';
export type { Call, CallInput, Page, PageCall } from './call.js';
export { connectors } from './connectors.js';
export type { ConnectorBody, ConnectorEnd, NewConnector } from './connectors.js';
export { MiroError } from './errors.js';
export type { FieldProblem, MiroErrorKind, Written } from './errors.js';
export { appCards, cards, documents, embeds, frames, images, items, shapes, stickyNotes, texts } from './items.js';
export type { ItemBody, ItemFilter, NewItem, NewItemType } from './items.js';
export { authorizeUrl, exchangeCode, oauth, refreshToken, revoke } from './oauth.js';
export type { OAuthOptions, TokenPair } from './oauth.js';
export type { Operation } from './operation.js';
export { OPERATIONS } from './operations.js';
export type { OperationId } from './operations.js';
export { orgMembers } from './org-members.js';
export type { OrgMemberFilter } from './org-members.js';
export { pages } from './pages.js';
export { projects } from './projects.js';
export type { RateLimit } from './rate-limit.js';
export type { Answer } from './request.js';
export type { Board, BoardMember, Connector, Item, OrgMember, Project, Shared, Tag, TokenInfo } from './schemas.js';
export { tags } from './tags.js';
export type { TagBody } from './tags.js';
export { restToken, scimToken } from './tokens.js';
export type { RestToken, ScimToken } from './tokens.js';

export interface MiroOptions {
  /** Where requests go; without one a pool of keep-alive connections is made, and closed by `close`. */
  dispatcher?: Dispatcher;
  /** https://api.miro.com */
  baseUrl: string;
  /** Told of every request, failed ones included. */
  onAnswer?: (answer: Answer) => void;
}

export interface Miro {
  /**
   * Sends a call once. `deadlineMs` is for the whole exchange, body included.
   * @throws MiroError and nothing else; a cancelled call is kind 'timeout'.
   */
  send<T>(call: Call<T>, options: { token: RestToken; deadlineMs: number; signal?: AbortSignal }): Promise<T>;
  close(): Promise<void>;
}

/** A client of Miro's REST API. It makes one attempt per call; who calls decides about another. */
export function createMiro({ dispatcher, baseUrl, onAnswer }: MiroOptions): Miro {
  const used = dispatcher ?? createPool();
  return {
    send: (call, options) => request(call, { ...options, dispatcher: used, baseUrl, onAnswer }),
    close: async () => {
      if (!dispatcher) await used.close();
    },
  };
}

/** Keep-alive connections; the largest answers Miro gives are far below the limit on size. */
const createPool = (): Agent =>
  new Agent({
    connections: 64,
    keepAliveTimeout: 20_000,
    connect: { timeout: 5_000 },
    maxResponseSize: 64 * 1024 ** 2,
  });
