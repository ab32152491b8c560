/** Who serves the pages that a person's browser meets while an account is linked: the installation's gateway, or this process. */
import type { GatewayConfig } from '../../config.js';
import type { GatewaySettings } from '../../gateway/run-gateway.js';
import { CommandError, EXIT } from './exit-codes.js';
import { optionalPart } from './optional-part.js';

/** Where this process listens unless it is told otherwise: the address must be known to the Miro app beforehand. */
export const LINK_PORT = 3000;

const ANSWER_MS = 3_000;

/**
 * Runs `work` with the address of the pages. Without `port` they are the gateway's, if the installation names one.
 * @throws CommandError (exit 5) when that gateway does not answer; StartUpError when the port is taken
 */
export async function withLinkPages<T>(
  { publicUrl, ...settings }: GatewayConfig,
  { port, log }: { port: number | undefined; log: (line: string) => void },
  work: (publicUrl: string) => Promise<T>,
): Promise<T> {
  if (port !== undefined || publicUrl === undefined)
    return withGateway({ ...settings, port: port ?? LINK_PORT }, log, work);
  await assertAnswers(publicUrl);
  return work(publicUrl);
}

/** Runs `work` with the address of a gateway in this process. @throws StartUpError */
export async function withGateway<T>(
  settings: GatewaySettings,
  log: (line: string) => void,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const { runGateway } = await optionalPart(() => import('../../gateway/run-gateway.js'));
  const stop = new AbortController();
  let serving: Promise<void> | undefined;
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const life = { signal: stop.signal, onReady: (ready: { url: string }) => resolve(ready.url), log };
      serving = runGateway(settings, life);
      serving.catch(reject);
    });
    return await work(url);
  } finally {
    stop.abort();
    await serving;
  }
}

async function assertAnswers(publicUrl: string): Promise<void> {
  const isThere = await fetch(`${publicUrl}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (isThere) return;
  throw new CommandError(
    EXIT.unreachable,
    `the gateway at ${publicUrl} does not answer; start it, or give --port ${LINK_PORT} to link from this machine`,
  );
}
