import { parse } from 'lossless-json';

export type Body = { kind: 'json'; value: unknown } | { kind: 'empty'; value: undefined } | { kind: 'other' };

/**
 * Reads the body of an answer. Integers beyond 2^53 become strings of their digits, since Miro's ids are
 * such integers in some answers.
 */
export function parseBody(text: string): Body {
  if (text.trim() === '') return { kind: 'empty', value: undefined };
  try {
    const options = {
      parseNumber: toNumberOrDigits,
      onDuplicateKey: ({ newValue }: { newValue: unknown }) => newValue,
    };
    return { kind: 'json', value: parse(text, undefined, options) };
  } catch {
    return { kind: 'other' };
  }
}

function toNumberOrDigits(digits: string): number | string {
  const value = Number(digits);
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? digits : value;
}
