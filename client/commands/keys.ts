/** `temporal-miro keys`: what backends show to the gateway. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { createKey, KEY_SCOPES, listKeys, revokeKey, type ApiKey, type KeyScope } from '../../store/api-keys.js';
import { findTenant } from '../../store/tenants.js';
import { collect } from './collect.js';
import { badInput, CommandError, EXIT } from './exit-codes.js';
import { readTenant } from './find-connection.js';
import { createOutput, table } from './output.js';
import { durationMs } from './provision-request.js';
import { withStore } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

export function keysCommand(): Command {
  return new Command('keys')
    .summary('make, list and revoke the keys of backends')
    .description(
      'The keys with which backends call the gateway. Each is for some tenants, or all, and for some scopes.',
    )
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

interface CreateOptions extends SharedOptions {
  name: string;
  tenant: string[];
  allTenants?: boolean;
  scope: KeyScope[];
  expiresIn?: string;
}

function createCommand(): Command {
  return sharedOptions(new Command('create'))
    .summary('make a key')
    .description('Prints the key on stdout, once: the store keeps only its hash.')
    .requiredOption('--name <name>', 'whose it is, e.g. the backend’s name')
    .option('--tenant <name>', 'a tenant that it is for; repeat it for more', collect(readTenant), [])
    .option('--all-tenants', 'it is for every tenant, also those to come')
    .addOption(
      new Option('--scope <scope>', `what it may do; repeat it for more: ${KEY_SCOPES.join(', ')}`)
        .argParser(collect(readScope))
        .default([], 'none'),
    )
    .option('--expires-in <duration>', 'how long it is good, e.g. 90d (default: until it is revoked)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro keys create --name crm --tenant acme --scope links:write --scope connections:read\n  $ temporal-miro keys create --name prometheus --all-tenants --scope metrics:read > metrics.key',
    )
    .action(create);
}

async function create({ name, tenant: tenants, allTenants = false, scope, ...options }: CreateOptions): Promise<void> {
  if (allTenants === tenants.length > 0)
    throw badInput('say whose data the key is for: either --tenant, once or more, or --all-tenants');
  if (scope.length === 0) throw badInput(`give --scope, once or more: ${KEY_SCOPES.join(', ')}`);
  const output = createOutput(options);
  const expiresInMs = options.expiresIn === undefined ? undefined : durationMs('--expires-in', options.expiresIn);
  const wanted = { name, scopes: scope, expiresInMs, ...(!allTenants && { tenants }) };
  const { made, unknown } = await withStore(await environmentOf(options), async (db) => {
    const unknown = await Promise.all(tenants.map(async (tenant) => ((await findTenant(db, tenant)) ? [] : tenant)));
    return { made: await createKey(db, wanted), unknown: unknown.flat() };
  });
  for (const tenant of unknown)
    output.note(`There is no tenant "${tenant}" yet; the key is good for it once an account is linked for it.`);
  output.note(`The key ${made.id} is shown only now; keep it where "${name}" finds it.`);
  output.answer(made, () => made.key);
}

function listCommand(): Command {
  return sharedOptions(new Command('list'))
    .summary('all keys, the newest first')
    .addHelpText('after', '\nExample:\n  $ temporal-miro keys list')
    .action(async (options: SharedOptions) => {
      const keys = await withStore(await environmentOf(options), listKeys);
      createOutput(options).answer({ keys }, () => listText(keys));
    });
}

function listText(keys: ApiKey[]): string {
  if (keys.length === 0) return 'No keys. Make one with: temporal-miro keys create --help';
  return table(
    ['id', 'name', 'state', 'tenants', 'scopes', 'last used (UTC)'],
    keys.map((key) => [
      ...[key.id, key.name, stateOf(key), key.tenants?.join(' ') ?? 'all', key.scopes.join(' ')],
      key.lastUsedAt?.toISOString().slice(0, 16).replace('T', ' ') ?? 'never',
    ]),
  );
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt) return 'revoked';
  if (!expiresAt) return 'valid';
  return `${expiresAt.getTime() > Date.now() ? 'until' : 'expired'} ${expiresAt.toISOString().slice(0, 10)}`;
}

function revokeCommand(): Command {
  const id = new Argument('<id>', 'twelve hex digits: the first part of the key, and in keys list');
  return sharedOptions(new Command('revoke').addArgument(id))
    .summary('refuse a key from now on')
    .addHelpText('after', '\nExample:\n  $ temporal-miro keys revoke 0f3a9c1d22e4')
    .action(async (given: string, options: SharedOptions) => {
      const revoked = await withStore(await environmentOf(options), (db) => revokeKey(db, given));
      if (!revoked)
        throw new CommandError(EXIT.unknown, `there is no key "${given}"; list them with: temporal-miro keys list`);
      createOutput(options).answer(revoked, () => `The key ${revoked.id} of "${revoked.name}" is refused from now on.`);
    });
}

function readScope(text: string): KeyScope {
  const scope = KEY_SCOPES.find((known) => known === text);
  if (scope) return scope;
  throw new InvalidArgumentError(`Allowed choices are ${KEY_SCOPES.join(', ')}.`);
}
