// How a CSV file of orders is read: by the server, and by the console, which previews it.

const DELIMITERS = [',', ';', '\t'];
/** The first line is looked for in so many characters. */
const HEAD = 16 * 1024;
/** Of a line, in characters: more than all that an order can have. */
const LONGEST_LINE = 64 * 1024;

/** Options of csv-parse. */
export const csvOptions = (text: string) => ({
  bom: true,
  delimiter: delimiterOf(text),
  max_record_size: LONGEST_LINE,
  relax_column_count: true,
  // As in ="…".
  relax_quotes: true,
  skip_empty_lines: true,
  trim: true,
});

/** The one that the first line has most of. */
function delimiterOf(text: string): string {
  const head = text.slice(0, HEAD).split(/[\r\n]/, 1)[0]!;
  const counts = DELIMITERS.map((delimiter) => head.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}
