/** `temporal-miro connections attach`: takes in a token that was copied from Miro. */
import { Command } from 'commander';
import { attachScimToken, attachToken } from '../../gateway/attach.js';
import { connectionView } from '../../gateway/connection-view.js';
import type { Connection } from '../../store/connections.js';
import { ensureTenant } from '../../store/tenants.js';
import { withAccounts, type AccountServices } from './accounts.js';
import { acceptedOf, acceptOptions, linkRefused, type AcceptOptions } from './connections-accept.js';
import { connectionCommand, type TenantOptions } from './find-connection.js';
import { createOutput } from './output.js';
import { readSecretInput } from './secret-input.js';
import { environmentOf } from './state-folder.js';

interface AttachOptions extends TenantOptions, AcceptOptions {
  scim?: boolean;
  tokenFile?: string;
}

export function attachCommand(): Command {
  return acceptOptions(connectionCommand(new Command('attach')))
    .summary('take in a REST or SCIM token that was copied from Miro')
    .description(
      'Reads a token that does not expire from standard input or a file, asks Miro about it, and stores it encrypted.',
    )
    .option('--scim', 'it is a SCIM token; the connection keeps its account')
    .option('--token-file <path>', 'read it from there instead')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro connections attach default < token.txt\n  $ temporal-miro connections attach default --scim --token-file /run/secrets/scim',
    )
    .action(async (name: string, options: AttachOptions) => {
      const output = createOutput(options);
      const token = await readSecretInput('token', options.tokenFile);
      const connection = await withAccounts(await environmentOf(options), output.note, (services) =>
        attach(services, name, token, options),
      );
      output.answer(connectionView(options.tenant, connection), () => {
        const whose = options.scim
          ? ''
          : ` It is of Miro user ${connection.rest?.miroUserId}, team ${connection.rest?.teamId}.`;
        return `Miro takes the token; "${name}" of tenant "${options.tenant}" has it now.${whose}`;
      });
    });
}

async function attach(
  services: AccountServices,
  name: string,
  token: string,
  options: AttachOptions,
): Promise<Connection> {
  const { tenantId } = await ensureTenant(services.db, options.tenant);
  if (options.scim) return attachScimToken(services, { tenantId, name, scimToken: token });
  const answer = await attachToken(services, { tenantId, name, accessToken: token, accept: acceptedOf(options) });
  if (answer.state === 'refused') throw linkRefused(answer.reason, answer.missing);
  return answer.connection;
}
