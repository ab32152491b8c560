/**
 * A small model of one effect at Miro, for random interleavings: attempts that behave as activities do, a Miro that
 * loses answers and is late, and time that passes at once. What it checks holds whatever the order: no send while
 * another attempt may still send, and in the end exactly one object.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { claim, effectsOf, finish, markSent, resolveAbsent, surplusOf, type Claimed } from '../../store/ledger.js';
import { claimInput, openNewJob, type TestStore } from './database.js';
import type { OpenedJob } from '../../store/jobs.js';

// Model seconds, far longer than the test's own time, which passes too.
const LEASE_S = 1_000;
const SETTLE_S = 1_000;
const MARGIN_S = 100;

/** What becomes of a request. */
type Fate = 'answered' | 'refused' | 'answer lost' | 'processed later' | 'never arrived';

interface Actor {
  state: 'idle' | 'claimed' | 'marked' | 'answered' | 'refused' | 'waiting';
  held?: Claimed;
  leaseEnd: number;
  objectId?: string;
}

export interface Step {
  /** Of actors that act at the same moment. */
  acts: { actor: number; dies: boolean; fate: Fate }[];
  /** Then so much time passes. */
  elapseS: number;
}

const ACTORS = 4;

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    acts: fc.uniqueArray(
      fc.record({
        actor: fc.nat(ACTORS - 1),
        dies: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
        fate: fc.constantFrom<Fate[]>('answered', 'refused', 'answer lost', 'processed later', 'never arrived'),
      }),
      { selector: ({ actor }) => actor, minLength: 1, maxLength: 3 },
    ),
    elapseS: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.constantFrom(400, 1_100, 2_500)),
  }),
  { minLength: 10, maxLength: 40 },
);

/** Plays the steps against the real ledger, then lets one last attempt come to an end. */
export async function play(store: TestStore, script: Step[]): Promise<void> {
  const world = await World.begin(store);
  for (const { acts, elapseS } of script) {
    await Promise.all(acts.map((act) => world.act(act)));
    if (elapseS > 0) await world.elapse(elapseS);
  }
  await world.end();
}

class World {
  private now = 0;
  private readonly actors: Actor[] = Array.from({ length: ACTORS }, () => ({ state: 'idle', leaseEnd: 0 }));
  private readonly objects: string[] = [];
  private readonly later: { at: number; objectId: string }[] = [];
  private readonly proofs: string[] = [];
  private wins = 0;
  private sends = 0;
  private readonly store: TestStore;
  private readonly job: OpenedJob;

  private constructor(store: TestStore, job: OpenedJob) {
    this.store = store;
    this.job = job;
  }

  static async begin(store: TestStore): Promise<World> {
    return new World(store, await openNewJob(store));
  }

  /**
   * One step of one attempt: claim and look, mark as sent, send, report. A killed one starts anew and remembers
   * nothing.
   */
  async act({ actor: index, dies, fate }: Step['acts'][number]): Promise<void> {
    const actor = this.actors[index]!;
    if (dies) return this.reset(actor, actor.state === 'idle');
    switch (actor.state) {
      case 'idle':
        return this.claimAndLook(actor);
      case 'claimed':
        actor.state = (await markSent(this.store.db, actor.held!)) ? 'marked' : 'waiting';
        return;
      case 'marked':
        return this.send(actor, fate);
      case 'answered':
        return this.report(actor, 'made');
      case 'refused':
        return this.report(actor, 'not_written');
      case 'waiting':
        return this.report(actor, 'not_sent');
    }
  }

  /** Moves everything that the ledger has recorded into the past. */
  async elapse(seconds: number): Promise<void> {
    this.now += seconds;
    const { db } = this.store;
    const params = [this.job.jobId, seconds];
    await db.query(`update miro.effects set lease_until = lease_until - $2 * interval '1 s' where job_id = $1`, params);
    await db.query(
      `update miro.attempts set claimed_at = claimed_at - $2 * interval '1 s', lease_until = lease_until - $2 * interval '1 s',
         sent_at = sent_at - $2 * interval '1 s', ended_at = ended_at - $2 * interval '1 s'
       where effect_id in (select id from miro.effects where job_id = $1)`,
      params,
    );
    for (const { objectId } of this.later.filter(({ at }) => at <= this.now)) this.objects.push(objectId);
    this.later.splice(0, this.later.length, ...this.later.filter(({ at }) => at > this.now));
  }

  async end(): Promise<void> {
    for (const actor of this.actors) if (actor.state === 'answered') await this.report(actor, 'made');
    await this.elapse(2 * (LEASE_S + SETTLE_S));
    const last: Actor = { state: 'idle', leaseEnd: 0 };
    await this.claimAndLook(last);
    if (last.state === 'claimed') {
      expect(await markSent(this.store.db, last.held!)).toBe(true);
      await this.send(last, 'answered');
      await this.report(last, 'made');
    }
    expect(this.objects).toHaveLength(1);
    expect(this.wins).toBe(1);
    const [effect] = await effectsOf(this.store.db, this.job.jobId);
    expect(effect).toMatchObject({ state: 'done', objectId: this.objects[0], leaseLeftMs: 0 });
    expect(await surplusOf(this.store.db, this.job.jobId)).toEqual([]);
    expect(await this.recordedProofs()).toEqual([...this.proofs].sort());
  }

  private async claimAndLook(actor: Actor): Promise<void> {
    const { db } = this.store;
    const answer = await claim(db, claimInput(this.job, { leaseMs: LEASE_S * 1000, settleMs: SETTLE_S * 1000 }));
    if (answer.state !== 'claimed') {
      if (answer.state === 'done') expect(this.objects).toContain(answer.objectId);
      return;
    }
    Object.assign(actor, { held: answer, leaseEnd: this.now + LEASE_S, state: 'claimed' });
    if (!answer.mustLook) return;
    const objectId = this.objects[0];
    if (objectId !== undefined) {
      actor.objectId = objectId;
      return this.report(actor, 'found');
    }
    if (answer.settleLeftMs > 0 || !(await resolveAbsent(db, answer))) actor.state = 'waiting';
  }

  private async send(actor: Actor, fate: Fate): Promise<void> {
    if (this.now + MARGIN_S > actor.leaseEnd) return this.report(actor, 'not_sent'); // its own clock says that the claim is over
    const others = this.actors.filter(
      (other) => other !== actor && other.state === 'marked' && other.leaseEnd > this.now,
    );
    expect(others).toEqual([]);
    const objectId = `object-${++this.sends}`;
    if (fate === 'answered' || fate === 'answer lost') this.objects.push(objectId);
    if (fate === 'answered') return void Object.assign(actor, { state: 'answered', objectId });
    if (fate === 'refused') return void Object.assign(actor, { state: 'refused' });
    if (fate === 'processed later') this.later.push({ at: this.now + SETTLE_S - MARGIN_S, objectId });
    await this.report(actor, 'unknown');
  }

  private async report(
    actor: Actor,
    outcome: 'made' | 'found' | 'not_written' | 'not_sent' | 'unknown',
  ): Promise<void> {
    const { attemptId } = actor.held!;
    const objectId = actor.objectId;
    const proves = outcome === 'made' || outcome === 'found';
    const { won, surplus } = await finish(
      this.store.db,
      proves ? { attemptId, outcome, objectId: objectId! } : { attemptId, outcome },
    );
    if (won) this.wins += 1;
    expect(surplus).toBe(false);
    if (proves) this.proofs.push(`${outcome} ${objectId}`);
    this.reset(actor, true);
  }

  /** A request that is under way when its process is killed may still be processed, until its claim has settled. */
  private reset(actor: Actor, isOver: boolean): void {
    if (!isOver && actor.state === 'marked' && this.now + MARGIN_S < actor.leaseEnd && this.sends % 2 === 0) {
      this.later.push({ at: actor.leaseEnd + SETTLE_S - MARGIN_S, objectId: `object-${++this.sends}` });
    }
    Object.assign(actor, { state: 'idle', held: undefined, objectId: undefined, leaseEnd: 0 });
  }

  private async recordedProofs(): Promise<string[]> {
    const rows = await this.store.db.query<{ proof: string }>(
      `select a.outcome || ' ' || a.object_id as proof from miro.attempts a join miro.effects e on e.id = a.effect_id
       where e.job_id = $1 and a.outcome in ('made', 'found')`,
      [this.job.jobId],
    );
    return rows.map(({ proof }) => proof).sort();
  }
}
