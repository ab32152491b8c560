/** Secrets that we give out or meet again, and keep as hashes only. They are random, so one plain hash is enough. */
import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits as they stand in an address or a header. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256 in hex: what a row remembers of a secret. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
