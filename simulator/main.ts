import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createSimulator } from './app.js';
import { parseFaults } from './faults/parse.js';
import { DEFAULTS, type SimulatorOptions } from './options.js';

const USAGE = `Usage: simulator [--port N] [--host 127.0.0.1] [--world small|<file>|members=10000,teams=500,boards=50000]
  [--plan enterprise|business|free] [--window-ms 60000] [--credits 100000] [--latency-ms 0] [--lag-ms 0]
  [--copy-ms 250] [--token-ttl-ms 3600000] [--faults <file>|realistic]
  [--scim-patch lenient|strict] [--scim-groups team|user_group] [--seed 1]
  [--redirect-uri http://localhost:3000/callback]`;

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
  'scim-patch': text,
  'scim-groups': text,
  seed: text,
  'redirect-uri': text,
};
type Values = { [name in keyof typeof FLAGS]?: string };

function numberOf(values: Values, name: keyof Values, fallback: number): number {
  const value = values[name];
  const number = Number(value ?? fallback);
  if (!Number.isInteger(number) || number < 0 || value === '') throw new Error(`--${name} must be a whole number.`);
  return number;
}

/** The first choice is the default. */
function choiceOf<T extends string>(values: Values, name: keyof Values, choices: readonly [T, ...T[]]): T {
  const value = values[name] ?? choices[0];
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`--${name} must be ${choices.join(' or ')}.`);
  return found;
}

function faultsOf(source: string | undefined): SimulatorOptions['faults'] {
  if (source === undefined) return [];
  return parseFaults(source === 'realistic' ? source : (JSON.parse(readFileSync(source, 'utf8')) as unknown));
}

function optionsOf(values: Values): SimulatorOptions {
  return {
    world: values.world ?? DEFAULTS.world,
    plan: choiceOf(values, 'plan', ['enterprise', 'business', 'free']),
    windowMs: Math.max(1, numberOf(values, 'window-ms', DEFAULTS.windowMs)),
    creditLimit: numberOf(values, 'credits', DEFAULTS.creditLimit),
    latencyMs: numberOf(values, 'latency-ms', DEFAULTS.latencyMs),
    lagMs: numberOf(values, 'lag-ms', DEFAULTS.lagMs),
    copyMs: numberOf(values, 'copy-ms', DEFAULTS.copyMs),
    tokenTtlMs: numberOf(values, 'token-ttl-ms', DEFAULTS.tokenTtlMs),
    faults: faultsOf(values.faults),
    scimPatch: choiceOf(values, 'scim-patch', ['lenient', 'strict']),
    scimGroups: choiceOf(values, 'scim-groups', ['team', 'user_group']),
    seed: numberOf(values, 'seed', DEFAULTS.seed),
    redirectUri: values['redirect-uri'],
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
