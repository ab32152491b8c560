import type { Random } from './random.js';

const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
// the last character of 8 bytes in base64 holds only four bits
const LAST = 'AEIMQUYcgkosw048';

/** Ids as Miro makes them: 19 digits that grow, and boards of 12 base64url characters without an order. */
export class Ids {
  private count = 500_000_000_000;
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  next(): string {
    this.count += 1 + this.random.below(97);
    return `3458764${this.count}`;
  }

  board(): string {
    return `uXjV${this.random.text(6, URL_SAFE)}${this.random.text(1, LAST)}=`;
  }

  secret(length: number): string {
    return this.random.text(length, URL_SAFE);
  }
}

/** Numeric order of ids beyond 2^53. */
export const compareIds = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
