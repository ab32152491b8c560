import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Told } from '../../activities/budget-account.js';
import { inOrder } from '../../activities/budget-order.js';
import type { Place } from '../../store/budgets.js';
import { createWorld, refusals, type Sender, type World } from './budget-world.js';

describe('a saturated budget', () => {
  it.each([
    ['clocks that agree', {}],
    ['a clock of Miro hours ahead', { miroAheadMs: 7_234_567 }],
    ['a clock of Miro hours behind', { miroAheadMs: -11_111_111 }],
    ['windows shorter than believed', { windowMs: 6_000, believed: { windowMs: 60_000 } }],
    ['a smaller limit than believed', { limit: 5_000, believed: { limit: 100_000 } }],
  ])('is used to at least 98 % without a refusal, with %s', (_, options) => {
    const world = createWorld(options);
    const windowMs = 'windowMs' in options ? options.windowMs : 60_000;
    for (let n = 0; n < 40; n += 1) world.keepSending(`lane:${n}`, { credits: 50, latencyMs: 120, lateMs: 200 });
    world.run(windowMs * 12);
    expect(refusals(world)).toBe(0);
    // The first window is the one in which limit and length are learned.
    const [, ...later] = world.wholeWindows();
    expect(later.length).toBeGreaterThan(8);
    for (const { used } of later) expect(used).toBeGreaterThanOrEqual(0.98 * world.account().limit);
  });

  it('is never overdrawn, whatever the calls cost and however long they take', () => {
    const lane = fc.record({
      credits: fc.constantFrom(50, 100, 500, 2_000),
      latencyMs: fc.integer({ min: 1, max: 9_000 }),
      lateMs: fc.integer({ min: 0, max: 5_000 }),
      priority: fc.integer({ min: 1, max: 5 }),
      tenantId: fc.constantFrom('a', 'b', 'c'),
    });
    fc.assert(
      fc.property(
        fc.array(lane, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: -90_000_000, max: 90_000_000 }),
        fc.boolean(),
        fc.nat(),
        (lanes, miroAheadMs, headers, seed) => {
          const world = createWorld({ miroAheadMs, headers, seed });
          lanes.forEach((sender, n) => world.keepSending(`lane:${n}`, sender));
          world.run(300_000);
          expect(refusals(world)).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** A window that Miro has told of, and that nothing is left of. */
function exhausted(options: Parameters<typeof createWorld>[0] = {}): World {
  const world = createWorld(options);
  world.runToTurn(100);
  for (let n = 0; n < 10; n += 1) granted(world, `first:${n}`, { credits: 1_000, priority: 1 });
  world.run(1_000);
  return world;
}

function granted(world: World, key: string, sender: Sender): void {
  const verdict = world.ask(key, sender);
  expect(verdict).toMatchObject({ granted: true });
  world.send(verdict.placeId, { latencyMs: 10, ...sender });
}

function waitOf(world: World, key: string, sender: Sender): number {
  const verdict = world.ask(key, sender);
  if (verdict.granted) throw new Error(`${key} was granted`);
  return verdict.waitMs;
}

describe('who waits', () => {
  it('gets a moment of its own, spread over the next window', () => {
    const world = exhausted();
    const waits = Array.from({ length: 100 }, (_, n) => waitOf(world, `waiter:${n}`, { credits: 100 }));
    expect(new Set(waits).size).toBe(100);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    const [first = 0, last = 0] = [waits[0], waits[99]];
    expect(last - first).toBeGreaterThan(30_000);
    expect(last - first).toBeLessThan(60_000);
    expect(waitOf(world, 'one too many', { credits: 100 })).toBeGreaterThan(last + 10_000);
  });

  it('keeps the place when it asks again early', () => {
    const world = exhausted();
    const wait = waitOf(world, 'impatient', { credits: 100 });
    world.run(1_000);
    expect(waitOf(world, 'impatient', { credits: 100 })).toBe(wait - 1_000);
  });

  it('goes before those who come new', () => {
    const world = exhausted();
    world.run(waitOf(world, 'patient', { credits: 9_000 }));
    waitOf(world, 'newcomer', { credits: 2_000 });
    granted(world, 'patient', { credits: 9_000 });
  });

  it('does not hold credits for ever that it does not come back for', () => {
    const world = exhausted();
    world.run(waitOf(world, 'gone', { credits: 10_000 }));
    waitOf(world, 'newcomer', { credits: 5_000 });
    world.run(15_000);
    granted(world, 'newcomer', { credits: 5_000 });
  });

  it('queues again with the old age when its slot has passed', () => {
    const world = exhausted();
    const late = waitOf(world, 'late', { credits: 6_000 });
    world.run(late + 30_000);
    granted(world, 'in between', { credits: 9_900, priority: 1 });
    const again = world.asks([
      { key: 'younger', credits: 6_000 },
      { key: 'late', credits: 6_000 },
    ]);
    const [younger, older] = again.map((verdict) => (verdict.granted ? 0 : verdict.waitMs));
    expect(older).toBeLessThan(younger ?? 0);
  });

  it('comes back at once where nothing is missing but an answer that would show what is left', () => {
    const world = exhausted();
    world.runToTurn(2_000);
    const { placeId } = world.ask('slow', { credits: 4_500, priority: 1 });
    world.send(placeId, { credits: 4_500, latencyMs: 4_000 });
    world.run(2_100);
    granted(world, 'quick', { credits: 4_500, priority: 1 });
    world.run(100);
    // Miro said 1 000 are left; whether the slow call is in that, nobody knows yet
    expect(waitOf(world, 'rest', { credits: 900, priority: 1 })).toBeLessThanOrEqual(100);
    world.run(2_000);
    granted(world, 'rest', { credits: 900, priority: 1 });
    world.run(100);
    expect(refusals(world)).toBe(0);
  });
});

describe('the order', () => {
  const place = fc.record({
    id: fc.uuid(),
    key: fc.uuid(),
    tenantId: fc.constantFrom('a', 'b', 'c', 'd'),
    priority: fc.integer({ min: 1, max: 5 }),
    credits: fc.constantFrom(50, 100, 500, 2_000),
    queuedAt: fc.integer({ min: 0, max: 20 }),
    slotFrom: fc.constant(0),
    slotUntil: fc.constant(0),
  });
  const places = fc.uniqueArray(place, { selector: ({ id }) => id, maxLength: 60 });
  const creditsOf = (some: Place[]): number => some.reduce((sum, { credits }) => sum + credits, 0);

  it('is the same whatever order the places come in, and loses none', () => {
    fc.assert(
      fc.property(places, fc.nat(), (some, turn) => {
        const turned = [...some.slice(turn % (some.length + 1)), ...some.slice(0, turn % (some.length + 1))];
        expect(inOrder(turned)).toEqual(inOrder(some));
        expect(new Set(inOrder(some))).toEqual(new Set(some));
      }),
    );
  });

  it('lets no worse priority go first, nor a younger call of the same tenant', () => {
    fc.assert(
      fc.property(places, (some) => {
        const order = inOrder(some);
        order.forEach((before, n) => {
          for (const after of order.slice(n + 1)) {
            expect(before.priority).toBeLessThanOrEqual(after.priority);
            if (before.priority === after.priority && before.tenantId === after.tenantId)
              expect(before.queuedAt).toBeLessThanOrEqual(after.queuedAt);
          }
        });
      }),
    );
  });

  it('puts before a call of each other tenant at most as much as its own tenant has waiting up to it', () => {
    fc.assert(
      fc.property(places, (some) => {
        const order = inOrder(some);
        order.forEach((mine, n) => {
          const before = order.slice(0, n).filter(({ priority }) => priority === mine.priority);
          const own = creditsOf(before.filter(({ tenantId }) => tenantId === mine.tenantId)) + mine.credits;
          for (const tenantId of ['a', 'b', 'c', 'd'])
            expect(creditsOf(before.filter((other) => other.tenantId === tenantId))).toBeLessThanOrEqual(own);
        });
      }),
    );
  });

  it('lets a tenant with one call go in the next window although another has fifty thousand credits waiting', () => {
    const world = exhausted();
    for (let n = 0; n < 500; n += 1) waitOf(world, `audit:${n}`, { credits: 100, tenantId: 'large' });
    const wait = waitOf(world, 'single', { credits: 100, tenantId: 'small' });
    expect(wait).toBeLessThan(60_000);
    world.run(wait);
    granted(world, 'single', { credits: 100, tenantId: 'small' });
  });

  it('gives two tenants the same share while both wait, however many calls each has', () => {
    const world = createWorld();
    for (let n = 0; n < 60; n += 1) world.keepSending(`l:${n}`, { credits: 100, tenantId: 'large', latencyMs: 50 });
    for (let n = 0; n < 6; n += 1) world.keepSending(`s:${n}`, { credits: 100, tenantId: 'small', latencyMs: 50 });
    world.run(60_000 * 10);
    const calls = world.wholeWindows().flatMap((window) => window.calls);
    const small = calls.filter(({ tenantId }) => tenantId === 'small').length;
    expect(small / calls.length).toBeGreaterThan(0.3);
  });

  it('takes the place of a worse priority, which queues again with its old age', () => {
    const world = exhausted();
    const wait = waitOf(world, 'audit', { credits: 9_000, priority: 4 });
    waitOf(world, 'person', { credits: 9_000, priority: 2 });
    world.run(wait);
    expect(waitOf(world, 'audit', { credits: 9_000, priority: 4 })).toBeGreaterThan(30_000);
    granted(world, 'person', { credits: 9_000, priority: 2 });
  });
});

describe('what a person waits for', () => {
  it('goes at once while the window is young, although bulk work wants all of it', () => {
    const world = createWorld();
    for (let n = 0; n < 200; n += 1) world.keepSending(`audit:${n}`, { credits: 100, priority: 4, latencyMs: 50 });
    world.runToTurn();
    for (let window = 0; window < 5; window += 1) {
      world.runToTurn(40_000);
      granted(world, `person:${window}`, { credits: 400, priority: 2, tenantId: 'other' });
    }
    expect(refusals(world)).toBe(0);
  });
});

describe('another program on the same budget', () => {
  const each = (world: World, credits: number, until: () => boolean): void => {
    if (until()) return;
    world.useElsewhere(credits);
    world.at(500, () => each(world, credits, until));
  };

  it('is yielded to, and forgotten when it stops', () => {
    const world = createWorld();
    for (let n = 0; n < 40; n += 1) world.keepSending(`lane:${n}`, { credits: 50, latencyMs: 50 });
    let stopped = false;
    each(world, 25, () => stopped);
    world.run(60_000 * 12);
    stopped = true;
    // 120 times 25 credits a window
    expect(world.account().foreign).toBeGreaterThan(2_000);
    expect(world.account().foreign).toBeLessThan(4_000);
    const shared = world.wholeWindows();
    expect(shared.slice(4).every(({ refused }) => refused <= 2)).toBe(true);
    for (const { used, foreign } of shared.slice(4)) expect(used + foreign).toBeGreaterThan(9_000);
    world.run(60_000 * 8);
    expect(world.account().foreign).toBe(0);
    expect(world.wholeWindows().at(-1)?.used).toBeGreaterThan(9_800);
  });
});

describe('a refusal', () => {
  it('lets nothing out before the window turns', () => {
    const world = exhausted();
    world.runToTurn(1_500);
    world.useElsewhere(9_500);
    granted(world, 'surprised', { credits: 1_000 });
    world.run(100);
    expect(refusals(world)).toBe(1);
    const waits = ['x', 'y', 'z'].map((key) => waitOf(world, key, { credits: 50, priority: 1 }));
    for (const wait of waits) expect(wait).toBeGreaterThan(58_000);
    world.run(waits[0] ?? 0);
    granted(world, 'x', { credits: 50, priority: 1 });
    world.run(100);
    expect(refusals(world)).toBe(1);
  });

  it('waits as long as Miro asks for, also beyond the window', () => {
    const world = exhausted();
    world.runToTurn(1_500);
    const { placeId } = world.ask('refused', { credits: 50 });
    const moment = { id: placeId, credits: 50, sentAt: world.now(), receivedAt: world.now() };
    world.settle({ answers: [{ ...moment, status: 429, retryAfterMs: 100_000 }] });
    expect(waitOf(world, 'next', { credits: 50 })).toBeGreaterThanOrEqual(100_000);
  });
});

describe('a refusal that cannot be right', () => {
  const refusal = (world: World, changes: Partial<Told> = {}): void => {
    const { placeId } = world.ask(`refused:${world.now()}`, { credits: 50 });
    const moment = { id: placeId, credits: 50, sentAt: world.now(), receivedAt: world.now() };
    world.settle({ answers: [{ ...moment, status: 429, ...changes }] });
  };

  it.each([true, false])(
    'for a day keeps back for two windows, then lets one call find out (headers: %s)',
    (headers) => {
      const world = createWorld({ headers });
      granted(world, 'known', { credits: 50 });
      world.run(100);
      refusal(world, { retryAfterMs: 86_400_000 });
      const wait = waitOf(world, 'next', { credits: 50 });
      expect(wait).toBeGreaterThanOrEqual(120_000);
      expect(wait).toBeLessThan(200_000);
      world.run(120_000);
      const ten = Array.from({ length: 10 }, (_, n) => ({ key: `eager:${n}`, credits: 50 }));
      const first = world.asks(ten).filter((verdict) => verdict.granted);
      expect(first).toHaveLength(1);
      first.forEach(({ placeId }) => world.send(placeId, { credits: 50, latencyMs: 10 }));
      world.run(50);
      expect(world.asks(ten).filter((verdict) => verdict.granted)).toHaveLength(10);
    },
  );

  it('of a window that is over does not keep back in the next one', () => {
    const world = createWorld();
    granted(world, 'before', { credits: 50 });
    world.run(100);
    const old = world.account().told?.name ?? 0;
    const sentAt = world.now();
    world.runToTurn(1_500);
    granted(world, 'after', { credits: 50 });
    world.run(100);
    const window = { name: old, endsInMs: 10, remaining: 0 };
    world.settle({ answers: [{ id: 'late', credits: 50, sentAt, receivedAt: world.now(), status: 429, window }] });
    granted(world, 'next', { credits: 50 });
  });

  it('is not waited for when the store’s clock was set back since, nor is the end of a window', () => {
    const world = exhausted();
    refusal(world);
    waitOf(world, 'before', { credits: 100 });
    world.setBack(3_600_000);
    granted(world, 'before', { credits: 100 });
    granted(world, 'next', { credits: 100, priority: 1 });
  });
});

describe('the length of a window', () => {
  /** One answer in a window of Miro's own making. */
  const answered = (world: World, name: number, changes: { endsInMs: number; remaining: number }): void => {
    const moment = { id: '', credits: 50, sentAt: world.now() - 10, receivedAt: world.now() };
    world.settle({ answers: [{ ...moment, status: 200, window: { name, limit: 10_000, ...changes } }] });
  };

  it.each([1_000, 2_000])('stays when an end moves on by %i ms just before it is reached', (jitter) => {
    const world = createWorld();
    const end = world.now() + 60_000;
    answered(world, end, { endsInMs: 60_000, remaining: 5_000 });
    world.run(59_500);
    answered(world, end + jitter, { endsInMs: 500 + jitter, remaining: 4_950 });
    expect(world.account().windowMs).toBe(60_000);
  });

  it('that was learned too short grows again with the windows that follow', () => {
    const world = createWorld({ believed: { windowMs: 1_000 } });
    const end = world.now() + 60_000;
    answered(world, end, { endsInMs: 60_000, remaining: 9_950 });
    world.run(60_100);
    answered(world, end + 60_000, { endsInMs: 59_900, remaining: 9_950 });
    expect(world.account().windowMs).toBe(60_000);
  });

  it('does not make credits of our own another program’s where an end jitters by a second', () => {
    const world = createWorld();
    const end = world.now() + 60_000;
    for (let n = 1; n <= 100; n += 1) {
      answered(world, end + (n % 2) * 1_000, { endsInMs: 60_000 - n * 100, remaining: 10_000 - n * 50 });
      world.run(100);
    }
    world.run(50_100);
    answered(world, end + 60_000, { endsInMs: 59_900, remaining: 9_950 });
    expect(world.account().foreign).toBe(0);
  });
});

describe('a turn of the window', () => {
  it('is tried out by one call alone when nothing is left of the window before', () => {
    const world = exhausted();
    world.runToTurn(200);
    const verdicts = world.asks(Array.from({ length: 20 }, (_, n) => ({ key: `eager:${n}`, credits: 100 })));
    expect(verdicts.filter((verdict) => verdict.granted)).toHaveLength(1);
  });

  it('that comes later than the headers say is learned from a few refusals', () => {
    // Miro's headers show the second in which the window ends, cut off
    const world = createWorld({ windowMs: 6_000, phaseMs: 700, cutsReset: true });
    for (let n = 0; n < 40; n += 1) world.keepSending(`lane:${n}`, { credits: 100, latencyMs: 60 });
    world.run(6_000 * 20);
    const [early, late] = [world.wholeWindows().slice(0, 6), world.wholeWindows().slice(6)];
    expect(early.reduce((sum, { refused }) => sum + refused, 0)).toBeLessThanOrEqual(5);
    expect(late.length).toBeGreaterThan(10);
    for (const { used, refused } of late) expect([refused, used >= 9_800]).toEqual([0, true]);
  });

  it('counts what is on its way against the new window too', () => {
    const world = createWorld();
    world.runToTurn(100);
    granted(world, 'known', { credits: 50 });
    world.runToTurn(-500);
    const { placeId } = world.ask('slow', { credits: 9_000, priority: 1 });
    world.send(placeId, { credits: 9_000, latencyMs: 9_000 });
    world.run(3_000);
    waitOf(world, 'next', { credits: 2_000, priority: 1 });
    world.run(7_000);
    expect(refusals(world)).toBe(0);
  });
});

describe('a process that died', () => {
  it('leaves tickets that count as spent for as long as their calls may take', () => {
    const world = exhausted();
    world.runToTurn(2_000);
    expect(world.ask('lost', { credits: 9_000, priority: 1 }).granted).toBe(true);
    world.run(1_000);
    waitOf(world, 'next', { credits: 2_000, priority: 1 });
    world.run(51_500);
    granted(world, 'next', { credits: 2_000, priority: 1 });
    expect(world.places().filter(({ key }) => key === 'lost')).toEqual([]);
  });
});

describe('without headers', () => {
  it('a call counts for a whole window after its answer', () => {
    const world = createWorld({ headers: false, limit: 10_000, windowMs: 30_000 });
    for (let n = 0; n < 5; n += 1) granted(world, `list:${n}`, { credits: 2_000 });
    world.run(1_000);
    const wait = waitOf(world, 'sixth', { credits: 2_000 });
    expect(wait).toBeGreaterThan(28_000);
    world.run(wait);
    granted(world, 'sixth', { credits: 2_000 });
  });

  it('a busy budget is used, and never overdrawn', () => {
    const world = createWorld({ headers: false, windowMs: 30_000 });
    for (let n = 0; n < 30; n += 1) world.keepSending(`lane:${n}`, { credits: 50, latencyMs: 100 });
    world.run(30_000 * 8);
    expect(refusals(world)).toBe(0);
    for (const { used } of world.wholeWindows()) expect(used).toBeGreaterThan(9_000);
  });
});
