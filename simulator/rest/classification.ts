import { json } from '../http/answer.js';
import { notFound } from '../http/api-error.js';
import type { Call, Handlers } from '../http/call.js';
import type { Board } from '../state/board.js';
import type { Label, Org, Team } from '../state/organisation.js';
import { boardOf } from './board-access.js';
import { orgOf } from './orgs.js';
import { teamOf } from './teams.js';

export const classification: Handlers = {
  'enterprise-dataclassification-organization-settings-get': (call) => {
    const { labels } = orgOf(call);
    const shown = labels.map((label, i) => ({
      ...label,
      default: i === 0,
      orderNumber: i + 1,
      type: 'data-classification-label',
    }));
    return json(200, { enabled: true, labels: shown, type: 'data-classification-organization-settings' });
  },

  'enterprise-dataclassification-team-settings-get': (call) => json(200, teamView(call, teamOf(call))),

  'enterprise-dataclassification-team-settings-set': (call) => {
    const team = teamOf(call);
    const { defaultLabelId, enabled } = call.body as { defaultLabelId?: number | string; enabled?: boolean };
    if (defaultLabelId !== undefined) team.defaultLabelId = labelOf(orgOf(call), defaultLabelId).id;
    team.classified = enabled ?? team.classified;
    return json(200, teamView(call, team));
  },

  'enterprise-dataclassification-team-boards-bulk': (call) => {
    const team = teamOf(call);
    const { labelId, notClassifiedOnly = false } = call.body as {
      labelId?: number | string;
      notClassifiedOnly?: boolean;
    };
    const label = labelOf(orgOf(call), labelId);
    const found = [...call.sim.world.boards.values()].filter(
      (board) => board.teamId === team.id && board.deletedAt === undefined && !(notClassifiedOnly && board.labelId),
    );
    for (const board of found) board.labelId = label.id;
    return json(200, { numberUpdatedBoards: found.length, type: 'boards-data-classification-label-changed' });
  },

  'enterprise-dataclassification-board-get': (call) => {
    const board = teamBoard(call, 'viewer');
    const label = orgOf(call).labels.find(({ id }) => id === (board.labelId ?? teamOf(call).defaultLabelId));
    if (!label) throw notFound('The board is not classified');
    return json(200, { ...label, type: 'board-data-classification-label' });
  },

  'enterprise-dataclassification-board-set': (call) => {
    const board = teamBoard(call, 'editor');
    const label = labelOf(orgOf(call), (call.body as { labelId?: string }).labelId);
    board.labelId = label.id;
    return json(200, { ...label, type: 'board-data-classification-label' });
  },
};

function teamBoard(call: Call, needed: 'viewer' | 'editor'): Board {
  const team = teamOf(call);
  const board = boardOf(call, needed);
  if (board.teamId !== team.id) throw notFound('Board not found in the team');
  return board;
}

function labelOf(org: Org, id: number | string | undefined): Label {
  const label = org.labels.find((each) => each.id === String(id));
  if (!label) throw notFound('Data classification label not found');
  return label;
}

function teamView(call: Call, team: Team): Record<string, unknown> {
  const defaultLabelId = team.defaultLabelId ?? orgOf(call).labels[0]?.id;
  return { defaultLabelId, enabled: team.classified, type: 'team-data-classification-settings' };
}
