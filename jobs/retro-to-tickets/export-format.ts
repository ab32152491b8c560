/** What records and tickets are exported as. */
import { stringify } from 'csv-stringify/sync';

export const EXPORT_FORMATS = ['json', 'csv', 'md'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export type Cell = string | number | undefined;
/** Heading of a column, and its cell of a row. */
export type Column<Row> = readonly [heading: string, cell: (row: Row) => Cell];

/** RFC 4180, UTF-8. What a person wrote on a board may begin like a formula, which a spreadsheet would run: it is made harmless. */
export function toCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map(([, cellOf]) => cellOf(row)));
  // A spreadsheet that takes another delimiter still sees quoted cells.
  return stringify([columns.map(([heading]) => heading), ...cells], {
    escape_formulas: true,
    quoted_string: true,
    record_delimiter: 'windows',
  });
}
