/**
 * Migrations: plain SQL in `migrations/`, append-only, expand before contract. A file whose name ends in
 * `.breaking.sql` is one that workers of the release before it can't work with.
 */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { DEFAULT_SCHEMA, one, qualify, type Db } from './db.js';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
/** A statement that waits for a lock holds up all queries that come after it. */
const LOCK_WAIT = '5s';
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Brings the schema up to this release, creating it if need be. Several processes may call it at once: they take turns.
 * @returns the names of the migrations that this call ran.
 * @throws TablesInUse when somebody else keeps a table locked; nothing was changed.
 */
export async function migrate({
  url,
  schema = DEFAULT_SCHEMA,
}: {
  url: string;
  schema?: string;
}): Promise<{ applied: string[] }> {
  qualify(schema);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // One transaction around everything, the runner's own included (its BEGIN inside ours is a no-op, its COMMIT ends
    // ours): the lock and the search_path then also hold behind PgBouncer, which keeps no session.
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(hashtextextended('temporal-miro migrate ' || $1, 0))`, [schema]);
    const exists = await client.query('select from pg_namespace where nspname = $1', [schema]);
    if (exists.rowCount === 0) await client.query(`create schema "${schema}"`);
    await client.query(`set local search_path to "${schema}"`);
    await client.query(`set local lock_timeout = '${LOCK_WAIT}'`);
    const applied = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      direction: 'up',
      migrationsSchema: schema,
      migrationsTable: 'migrations',
      noLock: true,
      singleTransaction: true,
      logger: silent,
    });
    await client.query('commit');
    return { applied: applied.map(({ name }) => name) };
  } catch (error) {
    throw (error as { code?: string }).code === LOCK_NOT_AVAILABLE ? new TablesInUse(schema, error) : error;
  } finally {
    await client.end();
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

/** Something keeps a table locked that a migration changes. */
export class TablesInUse extends Error {
  override readonly name = 'TablesInUse';

  constructor(schema: string, cause: unknown) {
    super(
      `the schema "${schema}" was not changed: somebody has kept one of its tables locked for ${LOCK_WAIT}, such as a backup or a long query; run \`temporal-miro migrate\` again when that is over`,
      { cause },
    );
  }
}

/**
 * Refuses a schema that this release can't serve: one without all of its migrations, or one with a breaking migration
 * that it doesn't know.
 * @throws SchemaMismatch
 */
export async function assertSchema(db: Db): Promise<void> {
  const known = (await readdir(MIGRATIONS))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length));
  const { table } = one(
    await db.query<{ table: string | null }>(`select to_regclass('miro.migrations')::text as "table"`),
  );
  const rows = table === null ? [] : await db.query<{ name: string }>('select name from miro.migrations');
  const applied = new Set(rows.map(({ name }) => name));
  const missing = known.filter((name) => !applied.has(name));
  if (missing.length > 0) {
    throw new SchemaMismatch(
      `the schema "${db.schema}" lacks the migration ${missing.join(', ')}: run \`temporal-miro migrate\` first`,
    );
  }
  const tooNew = [...applied].filter((name) => name.endsWith('.breaking') && !known.includes(name));
  if (tooNew.length > 0) {
    throw new SchemaMismatch(
      `the schema "${db.schema}" has the migration ${tooNew.join(', ')}, which this release can't work with: update it`,
    );
  }
}

/** The database's schema and this release don't fit; the message says what to do. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch';
}
