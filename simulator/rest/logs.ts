import { json } from '../http/answer.js';
import { invalidField, notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { userByEmail } from '../state/invite.js';
import type { Item } from '../state/board.js';
import type { AuditEvent } from '../state/records.js';
import { orgOf } from './orgs.js';
import { cursorPage } from './pages.js';

const KEPT_MS = 90 * 24 * 3_600_000;

export const logs: Handlers = {
  /** The last ninety days; times are answered with `+0000`. */
  'enterprise-get-audit-logs': (call) => {
    const from = Math.max(timeOf(call, 'createdAfter'), call.sim.clock.now() - KEPT_MS);
    const to = timeOf(call, 'createdBefore');
    const found = call.sim.world.audit.filter(({ createdAt }) => createdAt >= from && createdAt <= to);
    if (call.query['sorting'] === 'DESC') found.reverse();
    return json(
      200,
      cursorPage(call, found, { idOf: (e) => e.id, show: (e) => auditView(call, e), defaultLimit: 100, bare: true }),
    );
  },

  /** What is known of items: who made them and who changed them last. */
  'enterprise-board-content-item-logs-fetch': (call) => {
    orgOf(call);
    const [from, to] = [timeOf(call, 'from'), timeOf(call, 'to')];
    const emails = call.query['emails']?.split(',');
    const boardIds = call.query['board_ids']?.split(',');
    const boards = [...call.sim.world.boards.values()].filter(({ id }) => !boardIds || boardIds.includes(id));
    const entries = boards.flatMap((board) =>
      [...board.items.values()].flatMap((item) => contentEvents(board.id, item)),
    );
    const found = entries
      .filter(({ time, userId }) => time >= from && time <= to && (!emails || emails.includes(emailOf(call, userId))))
      .sort((a, b) => (call.query['sorting'] === 'desc' ? b.time - a.time : a.time - b.time));
    const show = (entry: ContentEvent): unknown => contentView(call, entry);
    return json(200, cursorPage(call, found, { idOf: (e) => e.id, show, defaultLimit: 1000, bare: true }));
  },

  'enterprise-get-ai-interaction-logs': (call) => {
    orgOf(call);
    timeOf(call, 'from');
    timeOf(call, 'to');
    return json(
      200,
      cursorPage(call, [] as { id: string }[], { idOf: ({ id }) => id, show: (e) => e, defaultLimit: 100, bare: true }),
    );
  },

  /** Signs a person out everywhere. What the API's tokens may do isn't touched. */
  'enterprise-post-user-sessions-reset': (call) => {
    const user = userByEmail(call.sim, call.query['email'] ?? '');
    if (user?.orgId !== call.actor.user.orgId) throw notFound('User not found');
    call.sim.world.sessionResets.push({ userId: user.id, at: call.sim.clock.now() });
    return { status: 200 };
  },

  'get-metrics': (call) => {
    requireOwnApp(call);
    return json(200, []);
  },
  'get-metrics-total': (call) => {
    requireOwnApp(call);
    const { grants } = call.sim.world;
    const own = [...grants.values()].filter(({ appId }) => appId === call.actor.app.id);
    const uniqueUsers = new Set(own.map(({ userId }) => userId)).size;
    const installations = new Set(own.map(({ teamId }) => teamId)).size;
    return json(200, {
      uniqueUsers,
      uniqueRecurringUsers: 0,
      uniqueOrganizations: 1,
      installations,
      uninstallations: 0,
    });
  },
};

function requireOwnApp(call: Call): void {
  const id = param(call, 'app_id');
  if (id !== call.actor.app.id && id !== call.actor.app.clientId) throw notFound('App not found');
}

function timeOf(call: Call, name: string): number {
  const time = Date.parse(call.query[name] ?? '');
  if (Number.isNaN(time)) throw invalidField(name, `Field [${name}] must be a UTC date-time`);
  return time;
}

function auditView({ sim }: Call, event: AuditEvent): Record<string, unknown> {
  const { id, name, createdAt, category, userId, object, teamId } = event;
  const user = sim.world.users.get(userId);
  const team = sim.world.teams.get(teamId ?? '');
  const org = sim.world.orgs.get(user?.orgId ?? '');
  return {
    id,
    event: name,
    category,
    createdAt: new Date(createdAt).toISOString().replace('Z', '+0000'),
    createdBy: { type: 'user', id: userId, name: user?.name ?? '', email: user?.email ?? '' },
    object,
    context: {
      ip: '127.0.0.1',
      ...(team && { team: { id: team.id, name: team.name } }),
      ...(org && { organization: { id: org.id, name: org.name } }),
    },
    details: {},
  };
}

interface ContentEvent {
  id: string;
  boardId: string;
  action: 'create' | 'update';
  time: number;
  userId: string;
  item: Item;
}

function contentEvents(boardId: string, item: Item): ContentEvent[] {
  const made: ContentEvent = {
    id: `${item.id}0`,
    boardId,
    action: 'create',
    time: item.createdAt,
    userId: item.createdBy,
    item,
  };
  if (item.modifiedAt === item.createdAt) return [made];
  return [made, { ...made, id: `${item.id}1`, action: 'update', time: item.modifiedAt, userId: item.modifiedBy }];
}

const emailOf = ({ sim }: Call, userId: string): string => sim.world.users.get(userId)?.email ?? '';

function contentView(call: Call, { id, boardId, action, time, userId, item }: ContentEvent): Record<string, unknown> {
  const user = call.sim.world.users.get(userId);
  return {
    id,
    contentId: boardId,
    actionType: action,
    actionTime: new Date(time).toISOString(),
    actor: { id: userId, email: user?.email ?? '', name: user?.name ?? '' },
    itemType: 'widget',
    itemId: item.id,
    state: { type: item.type, ...item.data },
    relationships: item.parentId ? [{ type: 'parent', itemType: 'widget', itemId: item.parentId }] : [],
  };
}
