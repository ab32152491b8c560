/** Joins the groups; a worker registers what this returns, a workflow sees its type. */
import { createApprovalActivities } from './approvals.js';
import { createBoardActivities } from './boards.js';
import { createBudget } from './budget.js';
import { createChangeActivities } from './changes.js';
import { createConnectorActivities } from './connectors.js';
import type { Deps } from './deps.js';
import { createEventActivities } from './events.js';
import { mapped } from './failure.js';
import { createFollowActivities } from './follow-tickets.js';
import { createGate } from './gate.js';
import { createGrants } from './grants.js';
import { createItemActivities } from './items.js';
import { createJobActivities } from './jobs.js';
import { createLinkBackActivities } from './link-back.js';
import { createMemberActivities } from './members.js';
import { createParkingActivities } from './parking.js';
import { createPlanActivities } from './plan.js';
import { createRecogniseActivities } from './recognise-tickets.js';
import { createRelateActivities } from './relate-tickets.js';
import { createRemoveActivities } from './remove.js';
import { createRetroOpenActivities } from './retro-open.js';
import { createRetroPlanActivities } from './retro-plan.js';
import { createRetroReadActivities } from './retro-read.js';
import { createSameAsActivities } from './same-as.js';
import { createSettleActivities } from './settle.js';
import { createTagActivities } from './tags.js';
import { createTendActivities } from './tend-grants.js';
import { createTicketActivities } from './tickets.js';
import { createUndoActivities } from './undo.js';
import { createWebhookActivities } from './webhooks.js';

export { createBudget, createGrants };
export type { ApprovalWish } from './approvals.js';
export type { Budget } from './budget.js';
export { timings, type Deps, type Timings } from './deps.js';
export type { DeadGrant } from './failure.js';
export type { JobOutline, OpenedJob } from './jobs.js';
export type { OpenLinkBack } from './link-back-plan.js';
export type { RecogniseFrom } from './recognise-tickets.js';
export type { StepReport } from './report.js';
export type { RetroResult } from './retro-open.js';
export type { PlannedRetro } from './retro-plan.js';
export type { Tended } from './tend-grants.js';
export type { Delivered } from './webhooks.js';

/** `grants` is the worker's own, so that it can wait for the end of a refresh before it ends itself. */
export function createActivities(deps: Deps, grants = createGrants(deps)) {
  const withGrants = { ...deps, grants, gate: createGate(deps) };
  return mapped({
    ...createJobActivities(withGrants),
    ...createBoardActivities(withGrants),
    ...createItemActivities(withGrants),
    ...createTagActivities(withGrants),
    ...createTendActivities(withGrants),
    ...createConnectorActivities(withGrants),
    ...createMemberActivities(withGrants),
    ...createChangeActivities(withGrants),
    ...createPlanActivities(withGrants),
    ...createParkingActivities(withGrants),
    ...createApprovalActivities(withGrants),
    ...createLinkBackActivities(withGrants),
    ...createRetroOpenActivities(withGrants),
    ...createRetroReadActivities(withGrants),
    ...createRetroPlanActivities(withGrants),
    ...createTicketActivities(withGrants),
    ...createSameAsActivities(withGrants),
    ...createFollowActivities(withGrants),
    ...createRecogniseActivities(withGrants),
    ...createRelateActivities(withGrants),
    ...createSettleActivities(withGrants),
    ...createRemoveActivities(withGrants),
    ...createUndoActivities(withGrants),
    ...createEventActivities(withGrants),
    ...createWebhookActivities(withGrants),
  });
}

export type Activities = ReturnType<typeof createActivities>;
