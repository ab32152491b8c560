// A program for temporal-binary.test.ts: looks for the Temporal CLI on a machine without internet.
import { findTemporal } from '../../../workers/temporal-binary.js';

globalThis.fetch = () => Promise.reject(new Error('no internet'));
try {
  console.log(`found ${await findTemporal({ log: console.error })}`);
} catch (err) {
  console.log((err as Error).message);
  process.exitCode = 1;
}
