export type Surface = 'rest' | 'scim';
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Credits of Miro's four levels. https://developers.miro.com/reference/rate-limiting */
export const LEVEL_CREDITS = { 1: 50, 2: 100, 3: 500, 4: 2000 } as const;
export type Level = keyof typeof LEVEL_CREDITS;

/** What is known of one operation of Miro's API; the table is operations.ts. */
export interface Operation {
  method: Method;
  /** Path with `{names}` in place of ids, below the surface's base address. */
  template: string;
  surface: Surface;
  /** Credits of one call; with `perItem` of each item in its body. */
  credits: number;
  perItem?: true;
  /** SCIM charges group patches by size: from so many bytes on, so many credits. */
  largeBody?: { fromBytes: number; credits: number };
  scopes: readonly string[];
  plan: 'any' | 'enterprise' | 'enterprise_guard';
  paging?: 'cursor' | 'offset' | 'startIndex';
  /** Names of the query parameters, the required ones again in `required`. */
  query: readonly string[];
  required?: readonly string[];
  body?: 'json' | 'multipart' | 'scim';
  /** The operation that does the same and is to be preferred. */
  duplicateOf?: string;
}
