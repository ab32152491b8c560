/** What one would write without us: Miro's official client, one call after the other, nothing remembered. */
import { randomBytes } from 'node:crypto';
import { MiroLowlevelApi } from '@mirohq/miro-api';
import { PLAN_CREDITS } from '../../activities/credits.js';
import type { BoardSpec } from '../../contract.js';
import { connectorBody, itemBody, planBoard, type BoardPlan } from '../../jobs/provision-board/plan.js';

/** The body that a method of the client takes: its types name fewer values than Miro does. */
type Body<Name extends 'createItems' | 'createTag' | 'createConnector' | 'createCardItem'> = Parameters<
  MiroLowlevelApi[Name]
>[1];

export interface PlainScript {
  /** The board, after the same first look that a job takes: the team's newest boards and a search, at the same time. */
  makeBoard(): Promise<string>;
  /** Everything on it, in sequence. */
  fillBoard(boardId: string): Promise<void>;
  deleteBoard(boardId: string): Promise<void>;
}

/** The writes are those of the job's own plan, so both send the same. */
export function plainScript(at: { url: string; accessToken: string; teamId: string }, spec: BoardSpec): PlainScript {
  const api = new MiroLowlevelApi(at.accessToken, at.url);
  const marker = randomBytes(10).toString('hex');
  const plan = planBoard(spec, { marker: `[tm:${marker}.1]`, credits: PLAN_CREDITS });
  return {
    async makeBoard() {
      await Promise.all([
        api.getBoards({ teamId: at.teamId, sort: 'last_created', limit: '50' }),
        api.getBoards({ query: marker, limit: '50' }),
      ]);
      const { name, description } = plan.board;
      const { body } = await api.createBoard({ name, description, teamId: at.teamId });
      return body.id;
    },
    fillBoard: (boardId) => fill(api, boardId, plan),
    async deleteBoard(boardId) {
      await api.deleteBoard(boardId);
    },
  };
}

async function fill(api: MiroLowlevelApi, boardId: string, plan: BoardPlan): Promise<void> {
  const ids: Record<string, string> = {};
  for (const batch of plan.batches) {
    const bodies = batch.map((item) => itemBody(item, item.frame === undefined ? undefined : ids[item.frame]));
    const { body } = await api.createItems(boardId, bodies as object as Body<'createItems'>);
    for (const [n, { id }] of batch.entries()) ids[id] = body.data?.[n]?.id ?? '';
  }
  for (const { id, body } of plan.tags) {
    const made = await api.createTag(boardId, body);
    ids[id] = made.body.id;
  }
  for (const { itemId, tagId } of plan.attachments)
    await api.attachTagToItem(boardId, ids[itemId] ?? '', ids[tagId] ?? '');
  for (const connector of plan.connectors) {
    const body = connectorBody(connector, { from: ids[connector.from] ?? '', to: ids[connector.to] ?? '' });
    await api.createConnector(boardId, body as object as Body<'createConnector'>);
  }
  if (plan.record) {
    const { type: _, ...body } = plan.record.body;
    await api.createCardItem(boardId, body);
  }
}
