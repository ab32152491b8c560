/**
 * Keeps webhooks out of networks that are nobody else's business: a tenant says where its events go, and must not reach our own machines by it.
 * The name is resolved here and the connection goes to the very addresses that were looked at, so a name that changes in between gains nothing.
 */
import { lookup } from 'node:dns';
import { lookup as resolve } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent } from 'undici';

/** An endpoint that lies where this installation sends nothing. */
export class AddressNotPublic extends Error {
  override readonly name = 'AddressNotPublic';
  constructor() {
    super(
      'the endpoint lies in a private or reserved network, where this installation sends nothing; ' +
        'give a public address, or set TEMPORAL_MIRO_WEBHOOK_PRIVATE=true if all who add endpoints are trusted',
    );
  }
}

/**
 * Not globally reachable, or translated into what may not be. IPv4 in its IPv6 form is looked at as IPv4.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const NOT_PUBLIC: Record<'ipv4' | 'ipv6', readonly string[]> = {
  ipv4: [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
    ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
    ...['224.0.0.0/4', '240.0.0.0/4'],
    // Azure's metadata, on a public address. https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    '168.63.129.16/32',
  ],
  ipv6: [
    ...[
      '::/96',
      '::ffff:0:0:0/96',
      '64:ff9b::/96',
      '64:ff9b:1::/48',
      '100::/64',
      '2001::/23',
      '2001:db8::/32',
      '2002::/16',
      '3fff::/20',
    ],
    ...['5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
  ],
};

const notPublic = new BlockList();
for (const family of ['ipv4', 'ipv6'] as const)
  for (const subnet of NOT_PUBLIC[family]) {
    const [network = '', bits] = subnet.split('/');
    notPublic.addSubnet(network, Number(bits), family);
  }

/** Whether an IP address can be reached by anybody. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && !notPublic.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** Connections of their own for each request, none of them to an address that is not public unless `allowPrivate`. */
export function createWebhookAgent({ allowPrivate }: { allowPrivate: boolean }): Agent {
  const connect = { timeout: CONNECT_MS, ...(!allowPrivate && { lookup: publicLookup }) };
  return new Agent({ connect, pipelining: 0 });
}

/** Connections that are kept, none of them to an address that is not public. */
export const createPublicPool = (): Agent =>
  new Agent({ connections: 32, keepAliveTimeout: 20_000, connect: { timeout: CONNECT_MS, lookup: publicLookup } });

const CONNECT_MS = 5_000;

/** An address that stands in the URL is never looked up: it is looked at here. @throws AddressNotPublic */
export function requirePublicHost(url: URL): void {
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new AddressNotPublic();
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** As {@link requirePublicHost}, of names too. A name that cannot be looked up is left to whoever connects. @throws AddressNotPublic */
export async function requirePublicName(url: URL): Promise<void> {
  requirePublicHost(url);
  const addresses = await resolve(hostOf(url), { all: true }).catch(() => []);
  if (!addresses.every(({ address }) => isPublicAddress(address))) throw new AddressNotPublic();
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    if (!addresses.every(({ address }) => isPublicAddress(address))) return callback(new AddressNotPublic(), []);
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    callback(null, first?.address ?? '', first?.family);
  });
};
