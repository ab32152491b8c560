import { MiroLowlevelApi } from '@mirohq/miro-api';
import { beforeEach, expect } from 'vitest';
import type { RunningSimulator } from '../../simulator/app.js';
import { useSimulator, type Body, type Send } from '../simulator/miro.js';

type LowlevelApi = InstanceType<typeof MiroLowlevelApi>;

/** What the tests of the official client work with: the client, and the simulator's own view of what it did. */
export interface OfficialClient {
  sim: () => RunningSimulator;
  send: Send;
  api: () => LowlevelApi;
  /** Everything the simulator remembers. */
  state: () => Promise<Body>;
  /** What it remembers of one board; undefined if there is no such board, or it has been deleted. */
  boardState: (id: string) => Promise<Body | undefined>;
  /** Id of a new board, made by the client. */
  board: () => Promise<string>;
}

/** A simulator with its first world before each test, and Miro's own client for its first account. */
export function useOfficialClient(): OfficialClient {
  const { sim, send } = useSimulator({ creditLimit: 1e9 });
  beforeEach(() => send('POST', '/_sim/reset'));
  const api = (): LowlevelApi => new MiroLowlevelApi(sim().accessToken, sim().url);
  const state = async (): Promise<Body> => (await send('GET', '/_sim/state')).body;
  const boardState = async (id: string): Promise<Body | undefined> => byId((await state())['boards']!, id);
  const board = async (): Promise<string> => (await api().createBoard({ name: 'A board' })).body.id;
  return { sim, send, api, state, boardState, board };
}

/** The entry of a list of the state that has this id. */
export const byId = (list: Body, id: string | undefined): Body | undefined =>
  (list as unknown as Body[]).find((entry) => entry['id'] === id);

/** What the client throws where Miro refuses. */
export const refused = (statusCode: number): unknown => expect.objectContaining({ name: 'HttpError', statusCode });

/** The status of an answer, which the client has in a type that it doesn't bring along. */
export const statusOf = ({ response }: { response: unknown }): number => (response as Response).status;
