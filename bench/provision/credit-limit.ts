/** (d) With twenty jobs waiting, how much of the credit budget becomes boards? */
import { setTimeout as delay } from 'node:timers/promises';
import type { Measured } from '../document.js';
import type { LogEntry } from '../../simulator/http/request-log.js';
import { startStack, type Services, type Stack } from '../stack.js';
import { smallBoard } from './boards.js';

const WAITING_JOBS = 20;
const MINUTE_MS = 60_000;
/** Per app, user and minute. https://developers.miro.com/reference/rate-limiting (read 2026-11-22) */
const CREDITS_A_MINUTE = 100_000;

/** Windows shorter than Miro's minute, with as many credits a second: the boards a minute are real ones. */
interface Size {
  windowMs: number;
  /** Measured ones, after a first to get there. */
  windows: number;
}

const sizeOf = (quick: boolean): Size => (quick ? { windowMs: 6_000, windows: 1 } : { windowMs: 20_000, windows: 3 });
const creditsIn = (ms: number): number => Math.floor((CREDITS_A_MINUTE * ms) / MINUTE_MS);

export function startLimitedStack(services: Services, { quick }: { quick: boolean }): Promise<Stack> {
  const { windowMs } = sizeOf(quick);
  return startStack(services, {
    name: 'credit_limit',
    simulatorFlags: ['--window-ms', `${windowMs}`, '--credits', `${creditsIn(windowMs)}`, '--latency-ms', '100'],
    timeScale: windowMs / MINUTE_MS,
  });
}

export async function creditLimit(stack: Stack, { quick }: { quick: boolean }): Promise<Measured[]> {
  const size = sizeOf(quick);
  const price = await creditsOfOneBoard(stack);
  const jobs = keepWaiting(stack);
  // The rest of this window serves to get there: all twenty wait for the next one.
  const from = Math.ceil(Date.now() / size.windowMs) * size.windowMs;
  const to = from + size.windows * size.windowMs;
  await delay(to - Date.now());
  const log = (await stack.requests()).filter(({ time }) => isWithin(time, from, to));
  await jobs.terminate();
  return toMeasured(log, price, (to - from) / MINUTE_MS);
}

async function creditsOfOneBoard({ miro, requests }: Stack): Promise<number> {
  const before = (await requests()).length;
  const { handle } = await miro.provisionBoard({ ...smallBoard, key: 'price' });
  await handle.result();
  return (await requests()).slice(before).reduce((sum, { credits }) => sum + credits, 0);
}

/** Twenty open jobs at any time: where one ends, the next begins. */
function keepWaiting({ miro, client }: Stack): { terminate: () => Promise<void> } {
  const open = new Set<string>();
  let over = false;
  const lane = async (lane: number): Promise<void> => {
    for (let n = 0; !over; n += 1) {
      const key = `lane:${lane}:${n}`;
      const { workflowId } = miro.job({ key });
      open.add(workflowId);
      const { handle } = await miro.provisionBoard({ ...smallBoard, key }, { waitMs: MINUTE_MS });
      await handle.result();
      open.delete(workflowId);
    }
  };
  const lanes = Promise.allSettled(Array.from({ length: WAITING_JOBS }, (_, n) => lane(n)));
  return {
    async terminate() {
      over = true;
      await Promise.allSettled([...open].map((id) => client.workflow.getHandle(id).terminate('measured')));
      await lanes;
    },
  };
}

const isWithin = (time: string, from: number, to: number): boolean => Date.parse(time) >= from && Date.parse(time) < to;

function toMeasured(log: LogEntry[], price: number, minutes: number): Measured[] {
  const used = log.reduce((sum, { credits }) => sum + credits, 0);
  // Whole boards would be too coarse for one short window.
  const boards = used / price;
  return [
    {
      metric: `boards a minute with ${WAITING_JOBS} jobs waiting, against what the credits allow`,
      value: boards / minutes,
      unit: 'boards/min',
      against: CREDITS_A_MINUTE / price,
      goal: ['ratio', '≥', 0.95],
    },
    {
      metric: 'calls refused with 429 meanwhile',
      value: log.filter(({ status }) => status === 429).length,
      unit: 'calls',
      goal: ['value', '≤', 0],
    },
  ];
}
