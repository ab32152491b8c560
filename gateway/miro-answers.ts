/** What Miro's refusals mean for whoever asked the gateway. */
import { MiroError } from '../miro/index.js';
import { Refusal } from './refusal.js';

/** Runs `ask`. @throws Refusal 422 when Miro refuses the token, 502 when it does not answer as it should */
export async function askMiro<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof TypeError) throw tokenRefused(error.message);
    if (!(error instanceof MiroError)) throw error;
    if (error.kind === 'unauthorized' || error.kind === 'forbidden') throw tokenRefused(error.message);
    throw new Refusal(502, {
      code: 'miro_unavailable',
      message: `Miro could not be asked: ${error.message}.`,
      remedy: 'Try again later; repeating is safe.',
    });
  }
}

const tokenRefused = (why: string): Refusal =>
  new Refusal(422, {
    code: 'token_refused',
    message: `Miro does not take the token: ${why}.`,
    remedy:
      'Copy it again from Miro; REST tokens are on the app’s page, SCIM tokens in the company’s security settings.',
  });
