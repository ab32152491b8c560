/** How far a run is: what the query `status` tells and what the result says when nothing else can. */
import type { JobOutline, OpenedJob, StepReport } from '../activities/index.js';
import type { BoardUrl, Counts, Difference, JobStatus, ProvisionBoardResult } from '../contract.js';
import { waitingFor } from './waiting.js';

const none = (): Counts => ({ made: 0, existing: 0, changed: 0, skipped: 0, refused: 0, failed: 0 });

export class Progress {
  phase: JobStatus['phase'] = 'opening';
  /** People have deleted the board since. */
  deleted = false;
  /** A caller has been given the URL: from now on the board is never removed by us. */
  urlSeen = false;
  private job: OpenedJob | undefined;
  private board: { boardId: string; url: string } | undefined;
  private counts = none();
  private total = 0;
  private differences: Difference[] = [];

  open(job: OpenedJob): void {
    this.job = job;
    this.differences = job.differences;
  }

  /** @throws when no job is open; updates arrive only after the board. */
  jobId(): string {
    if (!this.job) throw new Error('no job is open');
    return this.job.jobId;
  }

  /** What the run says from now on is its last word: it takes nothing more in. */
  isClosing(): boolean {
    return this.phase === 'closing' || this.phase === 'ended';
  }

  openedJobId(): string | undefined {
    return this.job?.jobId;
  }

  found<B extends Pick<BoardUrl, 'boardId' | 'url' | 'outcome'>>(board: B): B {
    this.board = { boardId: board.boardId, url: board.url };
    return board;
  }

  expect(outline: JobOutline): void {
    this.total = outline.total;
    this.counts = none();
  }

  add({ counts }: StepReport): void {
    for (const [outcome, n] of Object.entries(counts) as [keyof Counts, number][]) this.counts[outcome] += n;
  }

  applied(differences: Difference[]): void {
    this.differences = differences;
  }

  status(): JobStatus {
    const waiting = waitingFor();
    const finished = Object.values(this.counts).reduce((sum, n) => sum + n, 0);
    return {
      phase: this.phase,
      ...(this.board ? { board: this.board } : {}),
      // How many texts of a copied board are to be filled shows only on the way.
      total: Math.max(this.total, finished),
      finished,
      counts: this.counts,
      ...(waiting ? { waiting } : {}),
    };
  }

  result(ending: ProvisionBoardResult['ending'], error?: { type: string; message: string }): ProvisionBoardResult {
    return {
      jobId: this.job?.jobId ?? '',
      episode: this.job?.episode ?? 0,
      ending,
      ...(this.board ?? {}),
      counts: this.counts,
      problems: [],
      differences: this.differences,
      ...(error ? { error } : {}),
    };
  }
}
