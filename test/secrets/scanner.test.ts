import { describe, expect, it } from 'vitest';
import { findSecrets } from './scanner.js';

const secret = 'eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_hT4w/x+9=';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the scanner finds a secret that was planted', () => {
  it.each([
    ['as it is', `token=${secret};`],
    ['in an address', `https://x.example/?t=${encodeURIComponent(secret)}`],
    ['in hex', Buffer.from(secret).toString('hex')],
    ['in base64', base64(secret)],
    ['inside a payload', JSON.stringify({ data: base64(JSON.stringify({ a: { token: secret } })) })],
    ['inside a payload inside a payload', JSON.stringify({ data: base64(`{"data":"${base64(`"${secret}"`)}"}`) })],
  ])('%s', (_, text) => {
    expect(findSecrets({ token: secret }, [{ where: 'a place', text }])).toEqual(['token in a place']);
  });
});

it('says nothing of what is not there', () => {
  expect(
    findSecrets({ token: secret }, [{ where: 'a place', text: `${secret.slice(0, -2)} ${base64('nothing')}` }]),
  ).toEqual([]);
});
