/** The library for product backends: start a job, get its first useful answer at once, follow it. Needs Temporal and the installation key. */
export { createTemporalMiro, type TemporalMiro, type TemporalMiroOptions } from './temporal-miro.js';
export { CodecError, dataConverterFor as codecDataConverter } from '../codec.js';
export { JobError, type JobResult } from './job-error.js';
export type { PlanPatience } from './plan.js';
export type { ProvisionAnswer, ProvisionRequest } from './provision.js';
export type { RetroJob, RetroRequest, StartAnswer, UndoRetroRequest } from './retro.js';
export type { JobHandle, JobProgress, PendingStep } from './job-handle.js';
export { InvalidInput } from '../jobs/provision-board/input.js';
export type {
  Blueprint,
  BoardPolicy,
  BoardRole,
  BoardSpec,
  BoardUrl,
  Counts,
  Difference,
  JobStatus,
  MemberInput,
  Placeholders,
  Problem,
  ProvisionBoardInput,
  ProvisionBoardResult,
  ProvisionPlan,
  Waiting,
} from '../contract.js';
export type {
  PlanRow,
  RecordFacts,
  RecordKind,
  RetroCondition,
  RetroEdits,
  RetroPlan,
  RetroRule,
  RetroRules,
  RetroSource,
  RetroToTicketsResult,
  RetroWish,
  RowDecision,
  RowEdit,
  TicketFields,
  TicketMapping,
  TicketRef,
  UndoRetroResult,
} from '../contract-retro.js';
