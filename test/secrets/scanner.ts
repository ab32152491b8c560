/** Looks for secrets in everything that a run leaves behind, in whatever coding they may stand there. */

/** What is known of one place: its name, and what stands there. */
export interface Place {
  where: string;
  text: string;
}

/** `secret in place` for each that was found; never the secret itself. */
export function findSecrets(secrets: Record<string, string>, places: Place[]): string[] {
  const wanted = Object.entries(secrets).flatMap(([name, secret]) => codings(secret).map((text) => ({ name, text })));
  const found = places.flatMap(({ where, text }) =>
    [text, ...decoded(text)].flatMap((layer) =>
      wanted.filter((secret) => layer.includes(secret.text)).map(({ name }) => `${name} in ${where}`),
    ),
  );
  return [...new Set(found)];
}

function codings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const whole = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), bytes.toString('hex')];
  // The last group of three bytes depends on what follows.
  return [...whole, bytes.subarray(0, bytes.length - (bytes.length % 3)).toString('base64')];
}

/** Everything in base64, read: payloads in histories, and what is in them. */
function decoded(text: string): string[] {
  const read = [...text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)].map(([base64]) =>
    Buffer.from(base64, 'base64').toString('latin1'),
  );
  if (read.length === 0) return [];
  const layer = read.join('\n');
  return [layer, ...decoded(layer)];
}
