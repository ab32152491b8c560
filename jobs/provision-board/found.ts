/** What Miro's lists tell about who made a thing, and when. */

/** The fields that every found object has; all but the id may be missing. */
export interface Found {
  id: string;
  createdAt?: string | undefined;
  createdBy?: { id: string } | undefined;
  modifiedAt?: string | undefined;
  modifiedBy?: { id: string } | undefined;
}

/** Item ids grow, and have more digits than a number holds. */
export const byId = (a: Pick<Found, 'id'>, b: Pick<Found, 'id'>): number =>
  a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

// `since` is our database's clock, `createdAt` Miro's.
const CLOCK_SKEW_MS = 5 * 60_000;

/** Whether an earlier attempt of ours may have made it. What Miro does not tell counts as yes: the safe answer is to look closer. */
export function mayBeOurs({ createdAt, createdBy }: Found, userId: string, since: Date | undefined): boolean {
  const early =
    since !== undefined && createdAt !== undefined && Date.parse(createdAt) < since.getTime() - CLOCK_SKEW_MS;
  return !early && (createdBy === undefined || createdBy.id === userId);
}

/** Whether it is as it was made, as far as times tell, which show seconds: another user may have changed it within the first one. */
export const isUnaltered = ({ createdAt, createdBy, modifiedAt, modifiedBy }: Found): boolean =>
  createdAt !== undefined &&
  modifiedAt !== undefined &&
  Date.parse(modifiedAt) <= Date.parse(createdAt) &&
  (modifiedBy === undefined || createdBy === undefined || modifiedBy.id === createdBy.id);
