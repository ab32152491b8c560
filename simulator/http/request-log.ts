/** One line of `GET /_sim/requests`. `status` is null where the client got no answer. */
export interface LogEntry {
  time: string;
  method: string;
  path: string;
  query: string;
  status: number | null;
  actor: string | null;
  credits: number;
  fault: string | null;
}

const KEPT = 50_000;

/** The latest requests, oldest first. */
export class RequestLog {
  private entries: LogEntry[] = [];
  private requests = 0;

  nextRequestId(): string {
    this.requests += 1;
    return `sim-${this.requests}`;
  }

  add(entry: LogEntry): void {
    this.entries.push(entry);
    // dropping half at once keeps the cost per request constant
    if (this.entries.length > 2 * KEPT) this.entries = this.entries.slice(KEPT);
  }

  list(): LogEntry[] {
    return this.entries.slice(-KEPT);
  }
}
