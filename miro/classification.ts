import { z } from 'zod';
import type { Call } from './call.js';
import { buildCall } from './call.js';
import {
  classificationLabelSchema,
  orgClassificationSchema,
  teamClassificationSchema,
} from './organization-schemas.js';
import type { ClassificationLabel, OrgClassification, TeamClassification } from './organization-schemas.js';

const teamPath = (orgId: string, teamId: string) => ({ org_id: orgId, team_id: teamId });
const boardPath = (orgId: string, teamId: string, boardId: string) => ({
  ...teamPath(orgId, teamId),
  board_id: boardId,
});

/** Miro takes label ids as integers here and as strings there. A bigint is sent with all its digits. */
const asInteger = (labelId: string): bigint | string => (/^\d+$/.test(labelId) ? BigInt(labelId) : labelId);

/** How sensitive boards are, by labels of the organisation. Enterprise. @see docs/miro-api.md#classification */
export const classification = {
  ofOrganization: (orgId: string): Call<OrgClassification> =>
    buildCall(
      'enterprise-dataclassification-organization-settings-get',
      { path: { org_id: orgId } },
      orgClassificationSchema,
    ),

  ofTeam: (orgId: string, teamId: string): Call<TeamClassification> =>
    buildCall(
      'enterprise-dataclassification-team-settings-get',
      { path: teamPath(orgId, teamId) },
      teamClassificationSchema,
    ),

  updateTeam: (
    orgId: string,
    teamId: string,
    { defaultLabelId, ...change }: { enabled?: boolean; defaultLabelId?: string },
  ): Call<TeamClassification> =>
    buildCall(
      'enterprise-dataclassification-team-settings-set',
      {
        path: teamPath(orgId, teamId),
        body: { ...change, ...(defaultLabelId !== undefined && { defaultLabelId: asInteger(defaultLabelId) }) },
      },
      teamClassificationSchema,
    ),

  /** Labels all boards of a team, or those without a label; answers how many. */
  labelTeamBoards: (
    orgId: string,
    teamId: string,
    { labelId, ...change }: { labelId: string; notClassifiedOnly?: boolean },
  ): Call<{ numberUpdatedBoards: number }> =>
    buildCall(
      'enterprise-dataclassification-team-boards-bulk',
      { path: teamPath(orgId, teamId), body: { ...change, labelId: asInteger(labelId) } },
      z.object({ numberUpdatedBoards: z.coerce.number() }),
    ),

  ofBoard: (orgId: string, teamId: string, boardId: string): Call<ClassificationLabel> =>
    buildCall(
      'enterprise-dataclassification-board-get',
      { path: boardPath(orgId, teamId, boardId) },
      classificationLabelSchema,
    ),

  labelBoard: (orgId: string, teamId: string, boardId: string, label: { labelId: string }): Call<ClassificationLabel> =>
    buildCall(
      'enterprise-dataclassification-board-set',
      { path: boardPath(orgId, teamId, boardId), body: label },
      classificationLabelSchema,
    ),
};
