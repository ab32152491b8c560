/** One request and what it was answered, as seen on the wire. */
export interface Exchange {
  method: string;
  /** Path and query below the SCIM base. */
  url: string;
  status: number;
  headers: Record<string, string>;
  text: string;
}

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export type Json = Record<string, unknown>;
