import { Command } from 'commander';
import { approvalsCommand } from './approvals.js';
import { budgetCommand } from './budget.js';
import { codecCommand } from './codec.js';
import { connectionsCommand } from './connections.js';
import { demoCommand } from './demo.js';
import { eventsCommand } from './events.js';
import { gatewayCommand } from './gateway.js';
import { keysCommand } from './keys.js';
import { migrateCommand } from './migrate.js';
import { retroCommand } from './retro.js';
import { pauseCommand, resumeCommand } from './pause.js';
import { provisionCommand } from './provision.js';
import { runsCommand } from './runs.js';
import { simulatorCommand } from './simulator.js';
import { tenantsCommand } from './tenants.js';
import { ticketsCommand } from './tickets.js';
import { trackersCommand } from './trackers.js';
import { upCommand } from './up.js';
import { vaultCommand } from './vault.js';
import { webhooksCommand } from './webhooks.js';
import { workerCommand } from './worker.js';

const EXIT_CODES = `
Exit codes: 0 done; 1 the job ended without doing what was asked; 2 bad input; 3 not finished; 4 no such thing; 5 a service can't be reached.
Settings come from the environment (.env.example lists them), or from "temporal-miro up" in the same folder.`;

/** All commands. A command that fails throws; nothing exits the process, so that what is open can be closed. */
export function createProgram(): Command {
  const program = new Command('temporal-miro')
    .description('Durable Miro automation: each job ends once, with nothing lost and nothing doubled.')
    .addHelpText('after', EXIT_CODES);
  for (const make of [
    demoCommand,
    upCommand,
    provisionCommand,
    retroCommand,
    runsCommand,
    approvalsCommand,
    connectionsCommand,
    trackersCommand,
    ticketsCommand,
    budgetCommand,
    pauseCommand,
    resumeCommand,
    workerCommand,
    gatewayCommand,
    keysCommand,
    webhooksCommand,
    eventsCommand,
    vaultCommand,
    codecCommand,
    tenantsCommand,
    migrateCommand,
    simulatorCommand,
  ]) {
    program.addCommand(make());
  }
  throwAll(program);
  return program;
}

/** Commander passes this on only to commands that it makes itself. */
function throwAll(command: Command): void {
  command.exitOverride();
  if (command.parent && command.commands.length > 0)
    command.showHelpAfterError(`Its commands: ${command.commands.map((sub) => sub.name()).join(', ')}`);
  for (const sub of command.commands) throwAll(sub);
}
