/** `npm run bench -- <name> [--quick] [--json]`. Exit: 0 all goals reached, 1 a goal missed or the run failed, 2 bad input. */
import { parseArgs } from 'node:util';
import type { Bench } from './bench.js';
import { toResult, toTable, type BenchDocument } from './document.js';
import { describeMachine } from './machine.js';

// Loaded when it is known which one: a wrong name shall not wait for all of them.
const BENCHES: Record<string, () => Promise<Bench>> = {
  budget: async () => (await import('./budget/budget.js')).budget,
  fairness: async () => (await import('./fairness/fairness.js')).fairness,
  provision: async () => (await import('./provision/provision.js')).provision,
  retro: async () => (await import('./retro/retro.js')).retro,
  simulator: async () => (await import('./simulator.js')).simulator,
};

const USAGE = `Usage: npm run bench -- <name> [--quick] [--json]
  names    ${Object.keys(BENCHES).join(', ')}
  --quick  the same at a smaller size, within 50 s on 2 cores
  --json   one JSON document on stdout in place of the table
`;

interface Asked {
  name: string;
  load: () => Promise<Bench>;
  quick: boolean;
  json: boolean;
}

/** @throws Error with what is wrong and how to put it right. */
function readArguments(): Asked {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  const [name, ...rest] = positionals;
  if (name === undefined) throw new Error('Name a benchmark.');
  if (rest.length > 0) throw new Error(`One benchmark at a time: "${rest.join(' ')}" is too much.`);
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!load) throw new Error(`There is no benchmark "${name}".`);
  return { name, load, ...values };
}

async function run({ name, load, quick, json }: Asked): Promise<boolean> {
  const bench = await load();
  const machine = describeMachine();
  const { measured, versions } = await bench({ quick, log: (line) => process.stderr.write(`${line}\n`) });
  const document: BenchDocument = {
    name,
    machine: { ...machine, versions: { ...machine.versions, ...versions } },
    results: measured.map(toResult),
  };
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : toTable(document));
  return document.results.every(({ ok }) => ok !== false);
}

function asked(): Asked | undefined {
  try {
    return readArguments();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return undefined;
  }
}

const wanted = asked();
if (wanted) process.exitCode = (await run(wanted)) ? 0 : 1;
else process.exitCode = 2;
