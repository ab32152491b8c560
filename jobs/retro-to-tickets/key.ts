/** Business key of the job: the board and the tenant's name for the tracker. Board ids hold no colon. */
export const retroKey = (boardId: string, tracker: string): string => `${boardId}:${tracker}`;
