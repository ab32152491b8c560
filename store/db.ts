/**
 * One pool per process, plain SQL with parameters.
 *
 * SQL in store/ names its tables `miro.<table>`. Where DATABASE_SCHEMA says otherwise, that prefix is replaced here: a
 * search_path would be session state, which PgBouncer in transaction mode does not keep (nor does it accept it as a
 * start-up parameter).
 */
import pg from 'pg';

/** The schema that SQL in this folder is written for. */
export const DEFAULT_SCHEMA = 'miro';

/** What a query needs; a pool and an open transaction both have it. */
export interface Queryable {
  /** Rows as objects with the columns' own names; timestamptz comes as Date, jsonb parsed, bigint as string. */
  query<Row extends object>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}

export interface Db extends Queryable {
  readonly schema: string;
  /** Runs `fn` in one transaction (read committed) on one connection; rolls back when it throws. */
  tx<T>(fn: (tx: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DbOptions {
  url: string;
  /** Lower-case identifier; default `miro`. */
  schema?: string;
  /** Connections at most; default 10. */
  max?: number;
}

/**
 * Opens a pool. Nothing is connected before the first query.
 * @throws RangeError for a schema name that is not a plain lower-case identifier.
 */
export function openDb({ url, schema = DEFAULT_SCHEMA, max = 10 }: DbOptions): Db {
  const inSchema = qualify(schema);
  // Client-side limits: PgBouncer refuses statement_timeout as a start-up parameter. A query that hits its limit loses
  // its connection.
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
    keepAlive: true,
  });
  pool.on('error', ignore); // an idle connection broke: the pool has dropped it, the next query opens another

  const run = async <Row extends object>(on: pg.Pool | pg.PoolClient, sql: string, params: readonly unknown[] = []) =>
    (await on.query<Row & pg.QueryResultRow>(inSchema(sql), [...params])).rows;

  return {
    schema,
    query: (sql, params) => run(pool, sql, params),
    close: () => pool.end(),
    async tx(fn) {
      const client = await pool.connect();
      client.on('error', ignore); // without a listener a connection that breaks between two queries would end the process
      let broken: Error | undefined;
      try {
        await client.query('begin');
        const result = await fn({ query: (sql, params) => run(client, sql, params) });
        await client.query('commit');
        return result;
      } catch (err) {
        await client
          .query('rollback')
          .catch((err: unknown) => (broken = err instanceof Error ? err : new Error(String(err))));
        throw err;
      } finally {
        client.removeListener('error', ignore);
        client.release(broken);
      }
    },
  };
}

/**
 * Rewrites `miro.<table>` to the schema in use.
 * @throws RangeError for a name that is not a plain lower-case identifier of at most 63 characters.
 */
export function qualify(schema: string): (sql: string) => string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new RangeError(
      `the schema "${schema}" is not a lower-case identifier (a-z, 0-9, _; at most 63); set DATABASE_SCHEMA to one`,
    );
  }
  return schema === DEFAULT_SCHEMA ? (sql) => sql : (sql) => sql.replace(/\bmiro\.(?=[a-z_])/g, `"${schema}".`);
}

/** The only row of a statement that always gives one. */
export function one<Row>(rows: Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('the statement gave no row');
  return row;
}

/**
 * A value as a parameter for jsonb; undefined becomes null. NUL and halves of surrogate pairs, which jsonb refuses, are
 * taken out: what Miro said must be recorded, whatever it was.
 */
export function json(value: unknown): string | null {
  if (value === undefined) return null;
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}

/** A text that PostgreSQL can hold. */
export function storable(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '');
}

function ignore(): void {}
