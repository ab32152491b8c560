/** Whether a title fits a pattern: compared without case and the blanks around it; `*` stands for anything. */
export function fitsGlob(pattern: string, title: string): boolean {
  const parts = comparable(pattern).split('*');
  const text = comparable(title);
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return from <= text.length - last.length;
}

const comparable = (text: string): string => text.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
