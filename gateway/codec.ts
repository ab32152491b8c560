/** `/codec/encode` and `/codec/decode`, by Temporal's codec-server convention: the Temporal UI and CLI show payloads through it. */
import { z } from 'zod';
import type { Route } from './api.js';
import { requireAllTenants } from './auth.js';
import type { GatewayContext, GatewayDeps } from './deps.js';
import { badRequest, Refusal } from './refusal.js';
import { readJson } from './requests.js';
import { CodecError, createCodec } from '../codec.js';

type Codec = ReturnType<typeof createCodec>;

const bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const payloadsBody = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), bytes).optional(), data: bytes.optional() })).max(10_000),
});

const answering =
  (way: 'encode' | 'decode') =>
  async ({ codecKeys }: GatewayDeps, c: GatewayContext): Promise<Response> => {
    // A payload does not say whose it is.
    requireAllTenants(c.get('key'));
    if (codecKeys === undefined) throw NO_CODEC;
    const { payloads } = await readJson(c, payloadsBody);
    const done = await createCodec(codecKeys)
      [way](payloads)
      .catch((error: unknown) => {
        throw error instanceof CodecError
          ? badRequest(`Not decoded: ${error.message}.`, 'Give the gateway the workers’ TEMPORAL_MIRO_CODEC_KEYS.')
          : error;
      });
    return c.json({ payloads: done.map(toJson) });
  };

function toJson({ metadata, data }: Awaited<ReturnType<Codec['encode']>>[number]) {
  const fields = Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)] as const);
  return { metadata: Object.fromEntries(fields), data: base64(data ?? new Uint8Array()) };
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');

const NO_CODEC = new Refusal(503, {
  code: 'no_codec',
  message: 'This gateway has no keys to decode with.',
  remedy: 'Set TEMPORAL_MIRO_CODEC_KEYS of the gateway to those of the workers.',
});

export const codecRoutes: Route[] = [
  ['POST', '/codec/encode', 'codec:decode', answering('encode')],
  ['POST', '/codec/decode', 'codec:decode', answering('decode')],
];
