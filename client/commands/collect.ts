/** Reads an option that may be repeated. */
export const collect =
  <T>(read: (text: string) => T) =>
  (text: string, before: T[]): T[] => [...before, read(text)];
