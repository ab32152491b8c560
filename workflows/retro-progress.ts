/** How far a run of a retro or of its undo is. */
import type { StepReport } from '../activities/index.js';
import type { Counts, Ending, JobStatus, Problem } from '../contract.js';
import type { RetroPlan } from '../contract-retro.js';
import { waitingFor } from './waiting.js';

/** What the results of all runs of the job have in common. */
export interface EndOfRun {
  jobId: string;
  ending: Ending;
  counts: Counts;
  problems: Problem[];
  error?: { type: string; message: string };
}

export class RetroProgress {
  phase: JobStatus['phase'] = 'opening';
  /** Parts in all, as far as that is known. */
  total = 0;
  plan: RetroPlan | undefined;
  jobId: string | undefined;
  /** The run waits, or has waited, for people to approve its plan. */
  asksPeople = false;
  private readonly counts: Counts = { made: 0, existing: 0, changed: 0, skipped: 0, refused: 0, failed: 0 };

  add({ counts }: StepReport): void {
    for (const [outcome, n] of Object.entries(counts) as [keyof Counts, number][]) this.counts[outcome] += n;
  }

  planned(plan: RetroPlan): void {
    this.plan = plan;
    this.total = plan.rows - plan.counts.dropped;
  }

  status(): JobStatus {
    const waiting = waitingFor();
    const finished = Object.values(this.counts).reduce((sum, n) => sum + n, 0);
    const { plan } = this;
    return {
      phase: this.phase,
      ...(plan ? { board: { boardId: plan.board.boardId, url: plan.board.url } } : {}),
      // How many parts the link back has shows only on the way.
      total: Math.max(this.total, finished),
      finished,
      counts: this.counts,
      ...(waiting ? { waiting } : {}),
      ...(plan ? { plan: { planId: plan.planId, hash: plan.hash, rows: plan.rows } } : {}),
    };
  }

  end(ending: Ending, error?: { type: string; message: string }): EndOfRun {
    return { jobId: this.jobId ?? '', ending, counts: this.counts, problems: [], ...(error ? { error } : {}) };
  }
}
