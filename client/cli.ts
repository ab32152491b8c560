#!/usr/bin/env node
/** The program `temporal-miro`: one file per command in commands/. */
import { CommanderError } from 'commander';
import { verdictOn } from './commands/exit-codes.js';
import { createProgram } from './commands/program.js';

// Whoever reads us has seen enough, e.g. `| head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await createProgram().parseAsync();
} catch (error) {
  const { exitCode, type, message } = verdictOn(error);
  process.exitCode = exitCode;
  // Commander has said its own already; what it throws after printing help is none.
  if (!(error instanceof CommanderError)) process.stderr.write(`${message}\n`);
  if (exitCode !== 0 && process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ error: { type, message } })}\n`);
}
