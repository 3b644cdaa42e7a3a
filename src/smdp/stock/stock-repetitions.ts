// Finds duplicates in a stock file.
import { FirstLines } from './first-lines.ts';
import type { RowValues } from './stock-csv.ts';
import type { Problem } from './stock-header.ts';

/** The first line of each ICCID and IMSI. */
export class SeenNumbers {
  /** ICCIDs grouped by length and first digits; the other 16, possibly hexadecimal, digits fit into 64 bits. */
  readonly #iccids = new Map<string, FirstLines>();
  readonly #imsis = new FirstLines();

  /** @returns errors for values that appeared before */
  add({ iccid, imsi }: RowValues, line: number): Problem[] {
    const problems: Problem[] = [];
    if (iccid !== undefined) {
      const first = this.#alike(iccid).add(BigInt(`0x${iccid.slice(4)}`), line);
      if (first !== undefined) problems.push(repeated('iccid', iccid, line, first));
    }
    if (imsi !== undefined) {
      // The leading 1 preserves leading zeros of an IMSI.
      const first = this.#imsis.add(BigInt(`1${imsi}`), line);
      if (first !== undefined) problems.push(repeated('imsi', imsi, line, first));
    }
    return problems;
  }

  #alike(iccid: string): FirstLines {
    const key = `${iccid.length} ${iccid.slice(0, 4)}`;
    let lines = this.#iccids.get(key);
    if (lines === undefined) this.#iccids.set(key, (lines = new FirstLines()));
    return lines;
  }
}

function repeated(column: 'iccid' | 'imsi', value: string, line: number, first: number): Problem {
  const text = `expected each ${column.toUpperCase()} once; got '${value}', which is in line ${first}`;
  return { line, column, text };
}
