import { sleep } from '@temporalio/workflow';

/** For time-skipping.test.ts and traps.test.ts. */
export async function sleepOneDay(): Promise<string> {
  await sleep('1 day');
  return 'awake';
}

export function greet(name: string): Promise<string> {
  return Promise.resolve(`hello ${name}`);
}
