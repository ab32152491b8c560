/** What two texts must share to say the same. */

// They show nothing: zero-width and direction marks, variation selectors; or they only join: apostrophes.
const UNSEEN = /[\p{Cf}\ufe00-\ufe0f\u20e3'’‘ʼ＇]/gu;
// "-5" is not "5", and "C#" not "C": signs that carry meaning stay. A dash inside a word or before a blank carries none.
const MEANINGLESS = /(?![#%&@+\p{Sc}]|[<>=±×÷≠≤≥]|(?<![\p{L}\p{M}\p{N}])[-−](?=\p{N}))[^\p{L}\p{M}\p{N}]+?/gu;

/**
 * Lower-case words, one blank between them, without punctuation and emoji. A text of nothing but these keeps them, so that
 * only an empty text has no words. The same for its own result.
 */
export function normalisedWords(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase().replace(UNSEEN, '').normalize('NFKC');
  return folded(plain.replace(MEANINGLESS, ' ')) || folded(plain);
}

const folded = (text: string): string => text.replace(/\s+/gu, ' ').trim();
