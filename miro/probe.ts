import type { Dispatcher } from 'undici';
import { MiroError } from './errors.js';
import { oauth } from './oauth.js';
import { request } from './request.js';
import { scimDiscovery } from './scim.js';

/** REST and OAuth, or SCIM; `baseUrl` is that surface's own. */
export interface ProbeOptions {
  surface: 'rest' | 'scim';
  baseUrl: string;
  dispatcher: Dispatcher;
  deadlineMs: number;
}

/** Asks without a token, so it costs nobody's credits: any answer below 500 means that Miro is there. Never throws. */
export async function isAnswering({ surface, ...options }: ProbeOptions): Promise<boolean> {
  try {
    await (surface === 'rest'
      ? request(oauth.introspect(), options)
      : request(scimDiscovery.serviceProviderConfig(), options));
    return true;
  } catch (error) {
    return error instanceof MiroError && error.status !== undefined && error.status < 500;
  }
}
