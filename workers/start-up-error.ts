/** Why a process did not come up: one sentence with the remedy, and the exit code that scripts get. */
export class StartUpError extends Error {
  override readonly name = 'StartUpError';
  /** 2: a setting is wrong; 5: a service can't be reached. */
  readonly exitCode: 2 | 5;

  constructor(exitCode: 2 | 5, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** `postgresql://app:secret@db:5432/miro` as `db:5432/miro`: enough to find it, nothing to steal. */
export function databaseAddress(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** Temporal could not be reached. @param address undefined: the SDK's default */
export function temporalUnreachable(address: string | undefined, cause: unknown): StartUpError {
  const at = address ?? 'localhost:7233';
  const remedy =
    'check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_API_KEY, or start everything here with: temporal-miro up';
  return new StartUpError(5, `Temporal at ${at} can't be reached (${firstLine(cause)}); ${remedy}`, { cause });
}

/** PostgreSQL could not be reached, or refused us. */
export function databaseUnreachable(url: string, cause: unknown): StartUpError {
  const remedy = 'check DATABASE_URL, or start everything here with: temporal-miro up';
  return new StartUpError(
    5,
    `PostgreSQL at ${databaseAddress(url)} can't be reached (${firstLine(cause)}); ${remedy}`,
    { cause },
  );
}

// Of several addresses that were tried Node throws an AggregateError without a message.
function firstLine(cause: unknown): string {
  const error = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0]?.replace(/\/\/[^@\s/]*@/g, '//') ?? '';
}
