/** The trackers that runs make tickets in: stand-ins, in this process or in one that may be killed, and the built-in one. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FaultRule } from '../../simulator/faults/rules.js';
import { addTracker } from '../../store/trackers.js';
import type { TrackerKind } from '../../tickets/tracker.js';
import { spawnNode, type SpawnedNode } from '../harness.js';
import type { Stack } from '../stack.js';
import { startGithub } from '../trackers/github-stand-in.js';
import type { Issue } from '../trackers/github-views.js';
import { startJira } from '../trackers/jira-stand-in.js';
import type { StoredIssue } from '../trackers/jira-stand-in-issues.js';
import { startReceiver, type ReceivedTicket } from '../trackers/webhook-stand-in.js';

/** A ticket as the tracker itself keeps it. */
export interface KeptTicket {
  key: string;
  marker: string;
  /** Made by the account whose credentials we have. */
  byUs: boolean;
  open: boolean;
}

export interface TestTracker {
  /** The tenant's name for it. */
  name: string;
  tickets(): Promise<KeptTicket[]>;
  /** Replaces the rules in force. */
  fail(rules: FaultRule[]): Promise<void>;
  /** A person copies the ticket, marker and all. @returns false where nobody can */
  copy(ticket: KeptTicket): Promise<boolean>;
  /** SIGKILL, and again at the same address with what it has kept. Only of one with a process of its own. */
  restart: () => Promise<void>;
  close: () => Promise<void>;
}

type StandInKind = Exclude<TrackerKind, 'builtin'>;

interface Standing {
  url: string;
  token: string;
  config: Record<string, unknown>;
}

const PROGRAM = fileURLToPath(new URL('../trackers/stand-in-process.ts', import.meta.url));

/** What the stand-ins tell of their tickets, in one form; and how a person copies one. */
const VIEWS: Record<StandInKind, { view: (one: never) => KeptTicket; copy?: (key: string) => object }> = {
  github: {
    view: ({ number, body, login, state }: Issue) => ({
      ...{ key: `#${number}`, marker: markerIn(body ?? ''), byUs: login === 'our-bot', open: state === 'open' },
    }),
    copy: (key) => ({ do: 'copy', number: Number(key.slice(1)), by: 'anna' }),
  },
  jira: {
    view: ({ key, fields, creator }: StoredIssue) => ({
      ...{ key, marker: markerIn(fields.labels.join(' ')), byUs: creator === 'bot', open: true },
    }),
    copy: (id) => ({ do: 'clone', id }),
  },
  webhook: {
    view: ({ id: key, draft, closed }: ReceivedTicket) => ({
      ...{ key, marker: String(draft['marker']), byUs: true, open: !closed },
    }),
  },
};

const markerIn = (text: string): string => /tm-[a-z0-9-]+/.exec(text)?.[0] ?? '';

/**
 * Adds a tracker of that kind for the stack's tenant, with nothing in it yet.
 * @param options of the stand-in @param killable gives it a process of its own
 */
export async function startTracker(
  stack: Stack,
  kind: TrackerKind,
  { options = {}, killable = false }: { options?: object; killable?: boolean } = {},
): Promise<TestTracker> {
  const name = `${kind}-${randomBytes(4).toString('hex')}`;
  if (kind === 'builtin') return await builtinTracker(stack, name);
  const standIn = killable ? await spawnStandIn(kind, options) : await startHere(kind, options);
  const { url, token, config } = standIn.standing;
  await addTracker(stack.db, stack.vault, { tenantId: stack.tenantId, name, kind, config, secret: token });
  const { view, copy } = VIEWS[kind];
  const control = async (what: string, input?: object): Promise<unknown> => {
    const answer = await fetch(new URL(`/_stand-in/${what}`, url), {
      method: 'POST',
      body: JSON.stringify(input ?? {}),
    });
    return await answer.json();
  };
  return {
    name,
    tickets: async () => ((await control('state')) as never[]).map(view),
    fail: async (rules) => void (await control('faults', rules)),
    copy: async ({ key }) => copy !== undefined && Boolean(await control('act', copy(key))),
    restart: standIn.restart,
    close: standIn.close,
  };
}

async function builtinTracker({ db, vault, tenantId }: Stack, name: string): Promise<TestTracker> {
  await addTracker(db, vault, { tenantId, name, kind: 'builtin', config: {} });
  return {
    name,
    tickets: async () => {
      const rows = await db.query<{ number: number; marker: string; open: boolean }>(
        'select number, marker, deleted_at is null as open from miro.tickets where tenant_id = $1 and tracker = $2',
        [tenantId, name],
      );
      return rows.map(({ number, ...row }) => ({ ...row, key: `${name.toUpperCase()}-${number}`, byUs: true }));
    },
    fail: () => Promise.resolve(),
    copy: () => Promise.resolve(false),
    restart: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

interface RunningStandIn {
  standing: Standing;
  restart: () => Promise<void>;
  close: () => Promise<void>;
}

async function startHere(kind: StandInKind, options: object): Promise<RunningStandIn> {
  const start = { github: startGithub, jira: startJira, webhook: startReceiver }[kind];
  const running = await start(options);
  return { standing: running, restart: () => Promise.resolve(), close: () => running.close() };
}

async function spawnStandIn(kind: StandInKind, options: object): Promise<RunningStandIn> {
  const file = join(tmpdir(), `temporal-miro-stand-in-${randomBytes(6).toString('hex')}`);
  let child: SpawnedNode;
  const start = async (port: number): Promise<Standing> => {
    child = await spawnNode(PROGRAM, [kind, JSON.stringify({ ...options, file, port })]);
    return JSON.parse(await child.waitFor(/^\{/)) as Standing;
  };
  const standing = await start(0);
  return {
    standing,
    async restart() {
      await child.kill('SIGKILL');
      await start(Number(new URL(standing.url).port));
    },
    async close() {
      await child.kill('SIGKILL');
      await rm(file, { force: true });
    },
  };
}
