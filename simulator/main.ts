import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createSimulator } from './app.js';
import { parseFaults } from './faults/parse.js';
import { DEFAULTS, type SimulatorOptions } from './options.js';
import type { Plan } from './state/world.js';

const USAGE = `Usage: simulator [--port N] [--host 127.0.0.1] [--world small|<file>|members=10000,teams=500,boards=50000]
  [--plan enterprise|business|free] [--window-ms 60000] [--credits 100000] [--latency-ms 0] [--lag-ms 0]
  [--copy-ms 250] [--token-ttl-ms 3600000] [--faults <file>|realistic] [--seed 1]`;

const text = { type: 'string' } as const;
const FLAGS = {
  port: text,
  host: text,
  world: text,
  plan: text,
  'window-ms': text,
  credits: text,
  'latency-ms': text,
  'lag-ms': text,
  'copy-ms': text,
  'token-ttl-ms': text,
  faults: text,
  seed: text,
};
type Values = { [name in keyof typeof FLAGS]?: string };

function numberOf(values: Values, name: keyof Values, fallback: number): number {
  const value = values[name];
  const number = Number(value ?? fallback);
  if (!Number.isInteger(number) || number < 0 || value === '') throw new Error(`--${name} must be a whole number.`);
  return number;
}

function planOf(plan: string | undefined): Plan {
  if (plan === undefined) return DEFAULTS.plan;
  if (plan === 'free' || plan === 'business' || plan === 'enterprise') return plan;
  throw new Error('--plan must be enterprise, business or free.');
}

function faultsOf(source: string | undefined): SimulatorOptions['faults'] {
  if (source === undefined) return [];
  return parseFaults(source === 'realistic' ? source : (JSON.parse(readFileSync(source, 'utf8')) as unknown));
}

function optionsOf(values: Values): SimulatorOptions {
  return {
    world: values.world ?? DEFAULTS.world,
    plan: planOf(values.plan),
    windowMs: Math.max(1, numberOf(values, 'window-ms', DEFAULTS.windowMs)),
    creditLimit: numberOf(values, 'credits', DEFAULTS.creditLimit),
    latencyMs: numberOf(values, 'latency-ms', DEFAULTS.latencyMs),
    lagMs: numberOf(values, 'lag-ms', DEFAULTS.lagMs),
    copyMs: numberOf(values, 'copy-ms', DEFAULTS.copyMs),
    tokenTtlMs: numberOf(values, 'token-ttl-ms', DEFAULTS.tokenTtlMs),
    faults: faultsOf(values.faults),
    seed: numberOf(values, 'seed', DEFAULTS.seed),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: FLAGS });
  const simulator = createSimulator(optionsOf(values));
  const { close, ...ready } = await simulator.start({ port: numberOf(values, 'port', 0), host: values.host });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close());
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

main().catch((err: unknown) => {
  process.stderr.write(`${(err as Error).message}\n${USAGE}\n`);
  process.exitCode = 2;
});
