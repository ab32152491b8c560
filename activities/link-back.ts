/** Showing tickets on the board, in each of the ways. */
import type { CallingDeps } from './job-context.js';
import { createTicketCardActivities } from './link-back-card.js';
import { createTicketListActivities } from './link-back-list.js';
import { createLinkBackPlanActivities } from './link-back-plan.js';
import { createTicketTagActivities } from './link-back-tag.js';
import { createTicketTextActivities } from './link-back-text.js';

export const createLinkBackActivities = (deps: CallingDeps) => ({
  ...createLinkBackPlanActivities(deps),
  ...createTicketListActivities(deps),
  ...createTicketTagActivities(deps),
  ...createTicketCardActivities(deps),
  ...createTicketTextActivities(deps),
});
