/** Undoing what the ledger says of objects that we have removed again, so that a later run makes them anew. */
import type { Db } from './db.js';
import { UNRESOLVED } from './effects.js';

// The attempts keep their proof. Nobody needs to look first: that the object is gone is known.
const REOPENED = `state = 'open', outcome = null, object_id = null, result = null, done_attempt = null, done_at = null,
  looked_at = clock_timestamp()`;

/** The job has no board any more: what was made, sent or may have been written lay on it and went with it. */
export async function forgetBoard(db: Db, { jobId }: { jobId: string }): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query('update miro.jobs set board_id = null, board_url = null where id = $1', [jobId]);
    await tx.query(`update miro.effects set ${REOPENED} where job_id = $1 and state = 'done' and kind <> 'set'`, [
      jobId,
    ]);
    await tx.query(
      `update miro.attempts a set resolved_at = clock_timestamp() from miro.effects e
       where e.id = a.effect_id and e.job_id = $1 and ${UNRESOLVED}`,
      [jobId],
    );
  });
}

/**
 * One part is no longer on the board. An effect that made nothing else is open again; one that made others too keeps
 * those. Safe to repeat.
 * @param part where effects' results name it, e.g. `items` and its blueprint id
 */
export async function forgetPart(
  db: Db,
  { jobId, part, id }: { jobId: string; part: 'items' | 'connectors'; id: string },
): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query(
      `update miro.effects set result = result #- $2 where job_id = $1 and state = 'done' and result #> $2 is not null`,
      [jobId, [part, id]],
    );
    await tx.query(
      `update miro.effects set ${REOPENED} where job_id = $1 and state = 'done' and result = jsonb_build_object($2::text, '{}'::jsonb)`,
      [jobId, part],
    );
  });
}
