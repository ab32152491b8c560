import type { Measured } from './document.js';

export interface BenchOptions {
  /** The same measurements, smaller: at most 50 s on two cores. */
  quick: boolean;
  /** A sentence for whoever waits. */
  log: (line: string) => void;
}

export interface BenchRun {
  measured: Measured[];
  /** Of the servers that took part. */
  versions: Record<string, string>;
}

export type Bench = (options: BenchOptions) => Promise<BenchRun>;
