/** Credits of the calls that a plan counts, from the one table of operations. https://developers.miro.com/reference/rate-limiting */
import type { PlanCredits } from '../jobs/provision-board/plan.js';
import { OPERATIONS } from '../miro/index.js';

export const PLAN_CREDITS: PlanCredits = {
  boardCreate: OPERATIONS['create-board'].credits,
  boardCopy: OPERATIONS['copy-board'].credits,
  boardUpdate: OPERATIONS['update-board'].credits,
  item: OPERATIONS['create-items'].credits,
  connector: OPERATIONS['create-connector'].credits,
  tag: OPERATIONS['create-tag'].credits,
  attach: OPERATIONS['attach-tag-to-item'].credits,
  share: OPERATIONS['share-board'].credits,
  memberUpdate: OPERATIONS['update-board-member'].credits,
};
