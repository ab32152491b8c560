/** The only reader of process.env. One schema per role of a process; all problems are reported together. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from './contract.js';
import { idKey } from './ids.js';
import { parseKeyRing } from './key-ring.js';
import { isLoopback } from './loopback.js';

export type Env = Record<string, string | undefined>;

/** The message lists every problem, one a line, each with the variable's name and the remedy; never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Set the environment right:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Each of these may instead be given as `<name>_FILE`, the path of a file that holds it. */
const SECRETS = [
  'DATABASE_URL',
  'MIRO_CLIENT_SECRET',
  'MIRO_ACCESS_TOKEN',
  'MIRO_REFRESH_TOKEN',
  'MIRO_SCIM_TOKEN',
  'TEMPORAL_API_KEY',
  'TEMPORAL_MIRO_ID_KEY',
  'TEMPORAL_MIRO_VAULT_KEYS',
  'TEMPORAL_MIRO_CODEC_KEYS',
  'TEMPORAL_MIRO_TRACKER_SECRET',
] as const;

const MAKE_KEY = 'make one with: openssl rand -base64 32';

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .transform((url) => url.replace(/\/+$/, ''));

const installationKey = z
  .string({ error: `is missing; ${MAKE_KEY}, then keep it: it must never change` })
  .transform(decodeKey)
  .refine((bytes) => bytes.length >= 32, `must be at least 32 bytes as hex or base64; ${MAKE_KEY}`)
  .transform((bytes) => idKey(bytes));

const keyRing = z
  .string({ error: `is missing; give it as name:key, where the key has 32 bytes as base64; ${MAKE_KEY}` })
  .refine(
    isKeyRing,
    `must be name:key[,name:key…], no name twice, each key 32 bytes as base64, the first one in use; ${MAKE_KEY}`,
  );

/** TEMPORAL_* as the SDK reads them, and its profile file if there is one. `read` hands the whole environment in here. */
const temporal = z.custom<Record<string, string>>().transform((env, context): ClientConnectConfig => {
  try {
    return loadClientConnectConfig({ overrideEnvVars: env });
  } catch (err) {
    context.addIssue(`settings or profile file: ${(err as Error).message}`);
    return z.NEVER;
  }
});

const clientShape = {
  TEMPORAL: temporal,
  TEMPORAL_MIRO_ID_KEY: installationKey,
  TEMPORAL_MIRO_CODEC_KEYS: keyRing.optional(),
  TEMPORAL_MIRO_TASK_QUEUE: z.string().default(DEFAULT_TASK_QUEUE),
  TEMPORAL_MIRO_PUBLIC_URL: httpUrl.optional(),
};

const keyedSchema = z.object({ TEMPORAL_MIRO_ID_KEY: installationKey.optional() });

const trackerSchema = z.object({ TEMPORAL_MIRO_TRACKER_SECRET: z.string().optional() });

const storeShape = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' }).optional(),
  DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a plain lower-case name of at most 63 characters')
    .optional(),
};

const workerShape = {
  ...clientShape,
  ...storeShape,
  TEMPORAL_MIRO_VAULT_KEYS: keyRing,
  MIRO_API_URL: httpUrl.default('https://api.miro.com'),
  MIRO_URL: httpUrl.default('https://miro.com'),
  MIRO_CLIENT_ID: z.string().optional(),
  MIRO_CLIENT_SECRET: z.string().optional(),
  MIRO_ACCESS_TOKEN: z.string().optional(),
  MIRO_REFRESH_TOKEN: z.string().optional(),
  MIRO_SCIM_TOKEN: z.string().optional(),
  TEMPORAL_MIRO_TIME_SCALE: z.coerce
    .number({ error: 'must be a number' })
    .positive('must be more than 0')
    .max(1, 'must be at most 1')
    .default(1),
  TEMPORAL_MIRO_WEBHOOK_PRIVATE: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .transform((text) => text === 'true'),
};

const gatewayShape = {
  TEMPORAL_MIRO_RETURN_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((entry) => entry.trim() || []))
    .pipe(z.array(httpUrl.refine(isOrigin, 'must be origins such as https://app.example.com, without paths'))),
  TEMPORAL_MIRO_UI_ORIGIN: httpUrl.refine(isOrigin, 'must be an origin such as https://ui.example.com').optional(),
};

const clientSchema = z.object(clientShape);
const storeSchema = z.object(storeShape);
// The checks across fields run even where other fields are wrong, so that one look shows everything.
const always = { when: () => true };
const anyWorkerSchema = z
  .object(workerShape)
  .refine((env) => (env.MIRO_CLIENT_ID === undefined) === (env.MIRO_CLIENT_SECRET === undefined), {
    path: ['MIRO_CLIENT_ID'],
    error: 'and MIRO_CLIENT_SECRET go together; set both or none',
    ...always,
  })
  .refine(
    (env) => env.MIRO_REFRESH_TOKEN === undefined || (env.MIRO_ACCESS_TOKEN && env.MIRO_CLIENT_ID) !== undefined,
    {
      path: ['MIRO_REFRESH_TOKEN'],
      error:
        'needs MIRO_ACCESS_TOKEN, MIRO_CLIENT_ID and MIRO_CLIENT_SECRET beside it; set them, or unset it for a static token',
      ...always,
    },
  )
  .refine((env) => env.TEMPORAL_MIRO_TIME_SCALE === 1 || isLoopback(env.MIRO_API_URL), {
    path: ['TEMPORAL_MIRO_TIME_SCALE'],
    error: 'shrinks deadlines for the simulator only; unset it, or point MIRO_API_URL at this machine',
    ...always,
  });
const PLAIN_TEXT = 'is missing: Temporal would keep names, e-mails and texts of boards as plain text';
const workerSchema = anyWorkerSchema.refine(
  (env) => env.TEMPORAL_MIRO_CODEC_KEYS !== undefined || isLoopback(env.MIRO_API_URL),
  {
    path: ['TEMPORAL_MIRO_CODEC_KEYS'],
    error: `${PLAIN_TEXT}. Give it as name:key, where the key has 32 bytes as base64 (${MAKE_KEY}), or start the worker with --plaintext`,
    ...always,
  },
);
const starterSchema = clientSchema.refine(
  (env) => env.TEMPORAL_MIRO_CODEC_KEYS !== undefined || isLocalTemporal(env.TEMPORAL),
  {
    path: ['TEMPORAL_MIRO_CODEC_KEYS'],
    error: `${PLAIN_TEXT}. Give it the workers' key ring, or give --plaintext if they have none`,
    ...always,
  },
);
// The gateway encrypts nothing of its own, so it may do without the codec's keys.
const gatewaySchema = z.intersection(anyWorkerSchema, z.object(gatewayShape));

/** What a program needs that starts and follows jobs. `idKey` is the installation key (ids.ts). */
export interface ClientConfig {
  temporal: ClientConnectConfig;
  idKey: ReturnType<typeof idKey>;
  /** Key ring of the payload codec, `name:base64[,…]`, the first one in use. */
  codecKeys?: string;
  taskQueue: string;
  publicUrl?: string;
}

export interface StoreConfig {
  /** Absent: an embedded server is to be started. */
  url?: string;
  schema?: string;
}

/** What a worker needs. */
export interface WorkerConfig extends ClientConfig {
  database: StoreConfig;
  /** Key ring of the vault, `name:base64[,…]`, the first one in use. */
  vaultKeys: string;
  miro: {
    apiUrl: string;
    url: string;
    /** The OAuth app. */
    app?: { clientId: string; clientSecret: string };
    accessToken?: string;
    /** With it the access token expires, and the app exchanges the pair. */
    refreshToken?: string;
    scimToken?: string;
  };
  /** Factor ≤ 1 on HTTP deadlines, leases and settle times; 1 unless Miro is the simulator on this machine. */
  timeScale: number;
  /** Webhooks may go to private addresses: whoever adds endpoints is trusted with this network. */
  allowPrivateWebhooks: boolean;
}

/** What the gateway needs. */
export interface GatewayConfig extends WorkerConfig {
  /** Origins that a link may send browsers to at its end. */
  returnOrigins: string[];
  /** Origin of the Temporal UI, which decodes payloads through the gateway. */
  uiOrigin?: string;
}

/** What the tools of one machine need; nothing here is required. */
export interface LocalConfig {
  temporalCliPath?: string;
  /** Where downloads and builds are kept between runs. */
  cacheDir: string;
}

/** @throws ConfigError with every problem. */
export function clientConfig(env: Env = process.env): ClientConfig {
  return toClientConfig(read(clientSchema, env));
}

/**
 * For a program that starts jobs, and so hands their inputs to Temporal.
 * @param plaintext a Temporal of another machine may be given them unencrypted
 * @throws ConfigError with every problem.
 */
export function starterConfig(
  env: Env = process.env,
  { plaintext = false }: { plaintext?: boolean } = {},
): ClientConfig {
  return toClientConfig(read(plaintext ? clientSchema : starterSchema, env));
}

/** @throws ConfigError with every problem. */
export function storeConfig(env: Env = process.env): StoreConfig {
  return toStoreConfig(read(storeSchema, env));
}

/** The installation key of whoever may do without one. @throws ConfigError when it is none. */
export function idKeyIn(env: Env = process.env): ClientConfig['idKey'] | undefined {
  return read(keyedSchema, env).TEMPORAL_MIRO_ID_KEY;
}

/** Token or signing secret of the tracker that is being added. @throws ConfigError when its file can't be read. */
export function trackerSecretIn(env: Env = process.env): string | undefined {
  return read(trackerSchema, env).TEMPORAL_MIRO_TRACKER_SECRET;
}

/**
 * @param plaintext a worker of a real Miro may do without the codec's keys
 * @throws ConfigError with every problem.
 */
export function workerConfig(
  env: Env = process.env,
  { plaintext = false }: { plaintext?: boolean } = {},
): WorkerConfig {
  return toWorkerConfig(read(plaintext ? anyWorkerSchema : workerSchema, env));
}

/** @throws ConfigError with every problem. */
export function gatewayConfig(env: Env = process.env): GatewayConfig {
  const values = read(gatewaySchema, env);
  return {
    ...toWorkerConfig(values),
    returnOrigins: values.TEMPORAL_MIRO_RETURN_ORIGINS,
    uiOrigin: values.TEMPORAL_MIRO_UI_ORIGIN,
  };
}

function toWorkerConfig(values: z.output<typeof anyWorkerSchema>): WorkerConfig {
  return {
    ...toClientConfig(values),
    database: toStoreConfig(values),
    vaultKeys: values.TEMPORAL_MIRO_VAULT_KEYS,
    miro: {
      apiUrl: values.MIRO_API_URL,
      url: values.MIRO_URL,
      app: toApp(values.MIRO_CLIENT_ID, values.MIRO_CLIENT_SECRET),
      accessToken: values.MIRO_ACCESS_TOKEN,
      refreshToken: values.MIRO_REFRESH_TOKEN,
      scimToken: values.MIRO_SCIM_TOKEN,
    },
    timeScale: values.TEMPORAL_MIRO_TIME_SCALE,
    allowPrivateWebhooks: values.TEMPORAL_MIRO_WEBHOOK_PRIVATE,
  };
}

/**
 * The environment, completed by what `temporal-miro up` has left in its folder. A secret that the environment names as `<name>_FILE` counts as set.
 */
export function withDefaults(defaults: Env, env: Env = process.env): Env {
  const missing = Object.entries(defaults).filter(([name]) => !env[name] && !env[`${name}_FILE`]);
  return { ...env, ...Object.fromEntries(missing) };
}

/** The environment without any setting of ours or of Temporal's, and with `own` instead: for processes that must not touch a real account. */
export function isolated(own: Env, env: Env = process.env): Env {
  const foreign = Object.entries(env).filter(([name]) => !/^(?:TEMPORAL|MIRO|DATABASE)_/.test(name));
  return { ...Object.fromEntries(foreign), TEMPORAL_CLI_PATH: env['TEMPORAL_CLI_PATH'], ...own };
}

/** Where this machine keeps its tools. */
export function localConfig(env: Env = process.env): LocalConfig {
  return {
    temporalCliPath: env['TEMPORAL_CLI_PATH'] || undefined,
    cacheDir: join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'temporal-miro'),
  };
}

function toClientConfig(values: z.output<typeof clientSchema>): ClientConfig {
  return {
    temporal: values.TEMPORAL,
    idKey: values.TEMPORAL_MIRO_ID_KEY,
    codecKeys: values.TEMPORAL_MIRO_CODEC_KEYS,
    taskQueue: values.TEMPORAL_MIRO_TASK_QUEUE,
    publicUrl: values.TEMPORAL_MIRO_PUBLIC_URL,
  };
}

function toStoreConfig(values: z.output<typeof storeSchema>): StoreConfig {
  return { url: values.DATABASE_URL, schema: values.DATABASE_SCHEMA };
}

function toApp(clientId: string | undefined, clientSecret: string | undefined) {
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}

function read<S extends z.ZodType>(schema: S, given: Env): z.output<S> {
  const problems: string[] = [];
  const env = withSecretFiles(given, problems);
  const parsed = schema.safeParse({ ...env, TEMPORAL: env });
  for (const issue of parsed.error?.issues ?? []) problems.push(`${issue.path.join('.')} ${issue.message}`);
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}

/** An empty value counts as none: compose files and CI set variables to nothing. */
function withSecretFiles(given: Env, problems: string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value) env[name] = value;
  for (const name of SECRETS) {
    const path = env[`${name}_FILE`];
    if (path === undefined) continue;
    if (env[name] === undefined) readSecret(env, name, path, problems);
    else problems.push(`${name} and ${name}_FILE are both set; unset one`);
  }
  return env;
}

function readSecret(env: Record<string, string>, name: string, path: string, problems: string[]): void {
  try {
    env[name] = readFileSync(path, 'utf8').trim();
  } catch (err) {
    problems.push(`${name}_FILE can't be read: ${(err as Error).message}`);
  }
}

// 64 and more hex digits would also be base64; nobody writes a base64 key without any letter beyond f.
function decodeKey(text: string): Uint8Array {
  return Buffer.from(text, /^(?:[0-9a-f]{2})+$/i.test(text) ? 'hex' : 'base64');
}

function isKeyRing(keys: string): boolean {
  try {
    return parseKeyRing(keys).size > 0;
  } catch {
    return false;
  }
}

function isOrigin(url: string): boolean {
  return new URL(url).origin === url;
}

/** Whether Temporal runs on this machine, where it is somebody's own; without an address the SDK looks for it here. */
export function isLocalTemporal({ connectionOptions }: Partial<ClientConnectConfig>): boolean {
  return isLoopback(`http://${connectionOptions?.address ?? 'localhost'}`);
}
