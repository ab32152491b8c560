/** What a handler gives back; the pipeline adds the headers that every answer carries. */
export interface Answer {
  status: number;
  /** Serialised as JSON, unless `text` is set. */
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

export const json = (status: number, body: unknown): Answer => ({ status, body });
export const noContent: Answer = { status: 204 };
export const html = (status: number, text: string): Answer => ({
  status,
  text,
  headers: { 'content-type': 'text/html; charset=utf-8' },
});

/** Serialises an answer's body. */
export function bodyText(answer: Answer): string {
  if (answer.text !== undefined) return answer.text;
  return answer.body === undefined ? '' : JSON.stringify(answer.body);
}
