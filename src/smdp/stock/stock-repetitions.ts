// What must be in a stock file once, and is in it twice.
import { FirstLines } from './first-lines.ts';
import type { RowValues } from './stock-csv.ts';
import type { Problem } from './stock-header.ts';

/** Where each ICCID and each IMSI was seen first. */
export class SeenNumbers {
  /** By what of an ICCID does not fit into the 64 bits of the others' 16 digits, which may be hexadecimal. */
  readonly #iccids = new Map<string, FirstLines>();
  readonly #imsis = new FirstLines();

  /** @returns what of the row was seen before */
  add({ iccid, imsi }: RowValues, line: number): Problem[] {
    const problems: Problem[] = [];
    if (iccid !== undefined) {
      const first = this.#alike(iccid).add(BigInt(`0x${iccid.slice(4)}`), line);
      if (first !== undefined) problems.push(repeated('iccid', iccid, line, first));
    }
    if (imsi !== undefined) {
      // A 1 before it keeps the leading zeros of an IMSI.
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
