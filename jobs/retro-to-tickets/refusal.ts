/** The board or the wish cannot be planned: one sentence that says what, on which object, why, and what to do. */
export class RetroRefused extends Error {
  override readonly name = 'RetroRefused';
}
