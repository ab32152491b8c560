import type { Dispatcher } from 'undici';
import { AddressNotPublic, createPublicPool, requirePublicName } from '../public-address.js';
import { TicketError } from './errors.js';
import type { TrackerLine } from './settings.js';

/** For all trackers of this process; its idle connections hold nothing up. */
const publicPool = createPublicPool();

/**
 * What trackers talk through: public addresses only, unless all who add trackers are trusted with this network.
 * @param dispatcher used where private addresses are allowed
 */
export function networkLine({
  dispatcher,
  allowPrivate,
}: {
  dispatcher: Dispatcher;
  allowPrivate: boolean;
}): Pick<TrackerLine, 'dispatcher' | 'requirePublic'> {
  return allowPrivate
    ? { dispatcher, requirePublic: () => Promise.resolve() }
    : { dispatcher: publicPool, requirePublic };
}

async function requirePublic(url: string): Promise<void> {
  try {
    await requirePublicName(new URL(url));
  } catch (cause) {
    if (!(cause instanceof AddressNotPublic)) throw cause;
    throw new TicketError(`nothing is sent to ${new URL(url).host}: it lies in a private or reserved network`, {
      kind: 'forbidden',
      written: 'no',
      remedy:
        'give a public address, or set TEMPORAL_MIRO_WEBHOOK_PRIVATE=true, here and for the workers, if all who add trackers are trusted',
    });
  }
}
