/** `temporal-miro connections policy`: what a connection asks of the jobs that use it. */
import { Command } from 'commander';
import {
  APPROVED_KINDS,
  findPolicy,
  setApprovals,
  type ApprovedKind,
  type ConnectionPolicy,
} from '../../store/connection-policy.js';
import { collect } from './collect.js';
import { badInput } from './exit-codes.js';
import { connectionCommand, connectionOf, type TenantOptions } from './find-connection.js';
import { createOutput } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';

interface PolicyOptions extends TenantOptions {
  approvals: [ApprovedKind, number][];
}

const MOST_PEOPLE = 20;

export function policyCommand(): Command {
  return connectionCommand(new Command('policy'))
    .summary('see and set how many people must approve a job')
    .description(
      'Without options it shows the policy. A job that needs approvals plans, waits for them, and writes only what was approved. A policy binds every job that has not asked yet, whatever its caller says.',
    )
    .option(
      '--approvals <kind=n>',
      'n people must approve jobs of this kind; 0: nobody (repeatable)',
      collect(readApprovals),
      [],
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro connections policy default\n  $ temporal-miro connections policy default --tenant acme --approvals retroToTickets=2',
    )
    .action(async (name: string, options: PolicyOptions) => {
      const { tenant } = options;
      const policy = await withStore(await environmentOf(options), async (db) => {
        const connection = await connectionOf(db, name, options);
        if (options.approvals.length > 0)
          await setApprovals(db, { ...connection, approvals: Object.fromEntries(options.approvals) });
        return (await findPolicy(db, connection)) ?? { approvals: {} };
      });
      createOutput(options).answer({ tenant, connection: name, ...policy }, () => policyText(policy));
    });
}

function readApprovals(text: string): [ApprovedKind, number] {
  const [name, number = ''] = text.split('=');
  const kind = APPROVED_KINDS.find((known) => known === name);
  if (kind && /^\d+$/.test(number) && Number(number) <= MOST_PEOPLE) return [kind, Number(number)];
  throw badInput(
    `--approvals "${text}" must be <kind>=<n>, with a kind of ${APPROVED_KINDS.join(', ')} and n from 0 to ${MOST_PEOPLE}`,
  );
}

function policyText({ approvals }: ConnectionPolicy): string {
  const lines = APPROVED_KINDS.map((kind) => {
    const people = approvals[kind] ?? 0;
    return `${kind}: ${people === 0 ? 'nobody must approve' : `${people} must approve`}`;
  });
  return lines.join('\n');
}
