/** What tests share: the servers that global-setup.ts starts, databases of their own, and processes that they may kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { inject } from 'vitest';
import { endWithUs } from '../workers/orphan-guard.js';
import type { PostgresService, TemporalService } from './global-setup.js';

async function service<T>(name: string): Promise<T> {
  const response = await fetch(`${inject('services')}/${name}`);
  const body = await response.text();
  if (!response.ok) throw new Error(body);
  return JSON.parse(body) as T;
}

/** `host:port` of the dev server that all test files share: use a task queue of your own. */
export async function temporalAddress(): Promise<string> {
  return (await service<TemporalService>('temporal')).address;
}

export interface TestDatabase {
  url: string;
  drop: () => Promise<void>;
}

/** A new database with the current schema: a copy of the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { url, template } = await service<PostgresService>('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(url, `create database ${name} template ${template}`);
  const own = new URL(url);
  own.pathname = name;
  return { url: own.href, drop: () => execute(url, `drop database ${name} with (force)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface SpawnedNode {
  pid: number;
  /** What it has printed so far, stdout and stderr, one entry a line. */
  lines: () => string[];
  /** The first line that matches, already printed or to come. @throws Error with all lines if it ends or `withinMs` pass. */
  waitFor: (line: RegExp, withinMs?: number) => Promise<string>;
  /** Sends the signal and waits for the end. */
  kill: (signal?: NodeJS.Signals) => Promise<Exit>;
  exited: Promise<Exit>;
}

/**
 * Starts `node <file> <args>` as one process, so that a SIGKILL hits the program itself; TypeScript files run through tsx's loader.
 * It sees of our environment only what a program needs to run, so that a developer's own settings change no test. Ends with the test file.
 */
export async function spawnNode(
  file: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<SpawnedNode> {
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, file, ...args], {
    env: { ...bareEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const release = endWithUs(pid);
  const output = collectLines(child);
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      release();
      output.ended();
      resolve({ code, signal });
    });
  });
  const kill = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return exited;
  };
  return { pid, lines: output.lines, waitFor: output.waitFor, kill, exited };
}

function bareEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'XDG_CACHE_HOME', 'USERPROFILE', 'SystemRoot', 'APPDATA'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function collectLines(child: ChildProcess) {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  let isEnded = false;
  const notify = () => watchers.forEach((watch) => watch());
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      notify();
    });
  }
  const waitFor = (wanted: RegExp, withinMs = 30_000) =>
    new Promise<string>((resolve, reject) => {
      const finish = (settle: () => void) => {
        watchers.delete(look);
        clearTimeout(timer);
        settle();
      };
      const fail = (why: string) =>
        finish(() => reject(new Error(`No line ${String(wanted)}: ${why}. It printed:\n${lines.join('\n')}`)));
      const look = () => {
        const line = lines.find((candidate) => wanted.test(candidate));
        if (line !== undefined) finish(() => resolve(line));
        else if (isEnded) fail('the process ended');
      };
      const timer = setTimeout(() => fail(`${withinMs} ms passed`), withinMs);
      watchers.add(look);
      look();
    });
  const ended = () => {
    isEnded = true;
    notify();
  };
  return { lines: () => [...lines], waitFor, ended };
}
