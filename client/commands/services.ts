/** What commands talk to: Temporal, and the store where a command needs more than Temporal remembers. */
import { Client, Connection } from '@temporalio/client';
import { dataConverterFor } from '../../codec.js';
import { clientConfig, idKeyIn, storeConfig, type ClientConfig, type Env } from '../../config.js';
import { idKeyCheck } from '../../ids.js';
import { openDb, type Db } from '../../store/db.js';
import { compareInstallation } from '../../store/installation.js';
import { assertSchema, SchemaMismatch } from '../../store/migrate.js';
import { databaseUnreachable, temporalUnreachable } from '../../workers/start-up-error.js';
import { createTemporalMiro, type TemporalMiro } from '../index.js';
import { badInput } from './exit-codes.js';

export interface JobServices {
  config: ClientConfig;
  client: Client;
  miro: TemporalMiro;
}

const CONNECT_MS = 5_000;

/** Runs `work` with a connection to Temporal of its own. @throws ConfigError | StartUpError */
export async function withTemporal<T>(env: Env, work: (services: JobServices) => Promise<T>): Promise<T> {
  const config = clientConfig(env);
  const { connectionOptions, namespace = 'default' } = config.temporal;
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: CONNECT_MS }).catch(
    (error: unknown) => {
      throw temporalUnreachable(connectionOptions.address, error);
    },
  );
  try {
    const client = new Client({ connection, namespace, dataConverter: dataConverterFor(config.codecKeys) });
    const miro = await createTemporalMiro({ client, idKey: config.idKey, taskQueue: config.taskQueue });
    return await work({ config, client, miro });
  } finally {
    await connection.close();
  }
}

/** The address of the store. @throws CommandError when the environment has none. */
export function storeAddress(env: Env): { url: string; schema?: string } {
  const { url, schema } = storeConfig(env);
  if (url === undefined) {
    throw badInput('DATABASE_URL is missing; set it, or run this in the folder where temporal-miro up runs');
  }
  return { url, ...(schema ? { schema } : {}) };
}

/** Runs `work` with the store, if it belongs to the installation of the environment's key. @throws ConfigError | CommandError | StartUpError */
export async function withStore<T>(env: Env, work: (db: Db) => Promise<T>): Promise<T> {
  const address = storeAddress(env);
  const key = idKeyIn(env);
  const db = openDb({ ...address, max: 2 });
  try {
    await assertSchema(db).catch((error: unknown) => {
      throw error instanceof SchemaMismatch ? badInput(error.message) : databaseUnreachable(address.url, error);
    });
    if (key) await compareInstallation(db, idKeyCheck(key));
    return await work(db);
  } finally {
    await db.close();
  }
}
