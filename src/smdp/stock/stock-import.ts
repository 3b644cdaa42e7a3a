// Imports subscriptions from a file into stock: all or none, and idempotent.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MasterKey } from '../../process/keys.ts';
import { AlreadyExists } from '../../store/errors.ts';
import type { Context } from '../../context.ts';
import type { Store, Transaction } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { differences, parseRow, toSubscription } from './stock-csv.ts';
import type { Problem } from './stock-header.ts';
import type { ColumnMapping } from './stock-mapping.ts';
import { CsvSyntaxError, StockReading } from './stock-file.ts';
import { SeenNumbers } from './stock-repetitions.ts';
import { StockTable } from './stock-table.ts';
import { forgetStockCount } from './remembered.ts';
import { fromRow, toRow } from './subscription.ts';
import type { Subscription } from './subscription.ts';

/** Further errors are only counted. */
export const KEPT_PROBLEMS = 200;
/** Subscriptions per statement: 18 parameters each, and both databases allow more than 30,000. */
const CHUNK = 500;

/** The rows of the file have errors; nothing was imported. */
export class StockFileRefused extends Error {
  override name = 'StockFileRefused';
  /** The first errors, in the order of the file. */
  readonly problems: Problem[];
  readonly count: number;

  constructor(problems: Problem[], count: number) {
    super(`${count} problems in the stock file`);
    this.problems = problems;
    this.count = count;
  }
}

/** The file cannot be imported at all, or not now. */
export class StockImportFailed extends Error {
  override name = 'StockImportFailed';
}

export interface ImportOptions {
  accountSid: string;
  /** Only checks the file. */
  dryRun: boolean;
  /** As in `checkIccid`. */
  iccidCheckDigit: boolean;
  /** Fields of columns whose names are not recognised. */
  mappings?: readonly ColumnMapping[];
  /** Maximum number of rows after the header. */
  rowLimit?: number;
  onProgress?: (progress: ImportProgress) => void;
}

export interface ImportProgress {
  step: 'checking' | 'importing';
  /** Share of the file, from 0 to 1. */
  done: number;
  rows: number;
}

export interface Imported {
  /** With `dryRun`, the number that would be. */
  added: number;
  /** Already in the database, and identical. */
  known: number;
  /** Ignored columns, by name, or by number if they have none. */
  ignored: string[];
}

/** Throws `StockFileRefused`, `StockFileTooLong`, `StockImportFailed`. */
export async function importStock(
  path: string,
  options: ImportOptions,
  context: Pick<Context, 'masterKey' | 'store' | 'transact'>,
): Promise<Imported> {
  await using file = await open(path);
  return await importStockFile(file, options, context);
}

/**
 * Reads the file twice: first everything is checked, then everything is added in one transaction.
 * Throws `StockFileRefused`, `StockFileTooLong`, `StockImportFailed`.
 */
export async function importStockFile(
  file: FileHandle,
  options: ImportOptions,
  context: Pick<Context, 'masterKey' | 'store' | 'transact'>,
): Promise<Imported> {
  const stat = await file.stat();
  if (!stat.isFile())
    throw new StockImportFailed('it is not a regular file, which is required to read it twice');
  const task = new StockImport(file, stat.size, options, context.masterKey);
  const checked = await task.check(context.store);
  if (options.dryRun) return checked;
  try {
    const imported = await context.transact((unit) => task.add(unit));
    forgetStockCount(options.accountSid, context.store);
    return { ...imported, ignored: checked.ignored };
  } catch (error) {
    if (error instanceof CsvSyntaxError) throw fileChanged();
    if (error instanceof AlreadyExists) throw stockChanged(error);
    throw error;
  }
}

type Counted = Omit<Imported, 'ignored'>;

interface NumberedSubscription {
  line: number;
  subscription: Subscription;
}

class StockImport {
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #options: ImportOptions;
  readonly #masterKey: MasterKey;
  readonly #problems: Problem[] = [];
  #problemCount = 0;
  #digest = '';

  constructor(file: FileHandle, size: number, options: ImportOptions, masterKey: MasterKey) {
    this.#file = file;
    this.#size = size;
    this.#options = options;
    this.#masterKey = masterKey;
  }

  /** Throws `StockFileRefused` with all errors, `StockFileTooLong`. */
  async check(store: Store): Promise<Imported> {
    const table = this.#table(this.#options.rowLimit);
    const counted: Counted = { added: 0, known: 0 };
    const report = (problem: Problem) => this.#report(problem);
    const seen = new SeenNumbers();
    try {
      for await (const chunk of this.#chunks(table, report, seen)) {
        const known = await this.#findKnown(chunk, table, store);
        known.problems.forEach(report);
        counted.known += known.iccids.size;
        counted.added += chunk.length - known.iccids.size;
        this.#progress('checking', table, counted);
      }
    } catch (error) {
      if (!(error instanceof CsvSyntaxError)) throw error;
      report({ line: error.line, text: error.message });
    }
    if (this.#problemCount > 0) {
      const problems = this.#problems.toSorted((left, right) => left.line - right.line);
      throw new StockFileRefused(problems, this.#problemCount);
    }
    this.#digest = table.reading.digest();
    return { ...counted, ignored: table.ignored() };
  }

  /** Throws `StockImportFailed` if the file or the stock has changed since the check. */
  async add({ tables, now, audit }: Unit): Promise<Counted> {
    const table = this.#table();
    const { accountSid } = this.#options;
    const counted: Counted = { added: 0, known: 0 };
    const report = () => {
      throw fileChanged();
    };
    for await (const chunk of this.#chunks(table, report)) {
      const known = await this.#findKnown(chunk, table, tables);
      if (known.problems.length > 0) throw stockChanged();
      const rows = chunk
        .filter(({ subscription }) => !known.iccids.has(subscription.iccid))
        .map(({ subscription }) => toRow(subscription, accountSid, this.#masterKey, now));
      await tables.subscriptions.insertMany(rows);
      counted.added += rows.length;
      counted.known += known.iccids.size;
      this.#progress('importing', table, counted);
    }
    if (table.reading.digest() !== this.#digest) throw fileChanged();
    if (counted.added > 0) {
      const { added: imported, known: already_in_stock } = counted;
      const digest = `SHA-256 ${this.#digest}`;
      const after = { imported, already_in_stock, digest };
      await audit(accountSid, { subject: 'stock', after });
    }
    return counted;
  }

  /**
   * The subscriptions of the file, in batches of one statement.
   * @param seen first occurrences of values that must be unique; if absent, duplicates are not checked
   */
  async *#chunks(
    table: StockTable,
    report: (problem: Problem) => void,
    seen?: SeenNumbers,
  ): AsyncGenerator<NumberedSubscription[]> {
    const { iccidCheckDigit } = this.#options;
    let chunk: NumberedSubscription[] = [];
    for await (const rows of table.rows()) {
      const { columns, problems: wrong } = table.header!;
      if (wrong.length > 0) break;
      for (const { line, fields } of rows) {
        const { values, problems } = parseRow(fields, columns, line, iccidCheckDigit);
        if (seen !== undefined) problems.push(...seen.add(values, line));
        for (const problem of problems) report(problem);
        if (problems.length > 0) continue;
        chunk.push({ line, subscription: toSubscription(values) });
        if (chunk.length < CHUNK) continue;
        yield chunk;
        chunk = [];
        // Yield: a database that answers synchronously must not starve the server's requests.
        await nextTurn();
      }
    }
    const nothing: Problem[] = [{ line: 1, text: 'expected column names; got nothing' }];
    for (const problem of table.header?.problems ?? nothing) report(problem);
    yield chunk;
  }

  #table(rowLimit?: number): StockTable {
    const { mappings = [] } = this.#options;
    return new StockTable(new StockReading(this.#file, mappings, rowLimit), mappings);
  }

  /** Finds the subscriptions already in the database, and their differences. */
  async #findKnown(
    chunk: NumberedSubscription[],
    { header }: StockTable,
    { subscriptions }: Pick<Transaction, 'subscriptions'>,
  ): Promise<{ iccids: Set<string>; problems: Problem[] }> {
    const iccids = chunk.map(({ subscription }) => subscription.iccid);
    const stored = await subscriptions.findMany(this.#options.accountSid, iccids);
    const known = new Map(stored.map((row) => [row.iccid, fromRow(row, this.#masterKey)]));
    const problems: Problem[] = [];
    if (known.size === 0) return { iccids: new Set(), problems };
    const { columns = [] } = header ?? {};
    for (const { line, subscription } of chunk) {
      const other = known.get(subscription.iccid);
      if (other === undefined) continue;
      for (const name of differences(subscription, other)) {
        const column = name === 'opc' && columns.every((one) => one.name !== name) ? 'op' : name;
        const text = `expected what is in stock for ICCID ${subscription.iccid}; got another value`;
        problems.push({ line, column, text });
      }
    }
    return { iccids: new Set(known.keys()), problems };
  }

  #report(problem: Problem): void {
    this.#problemCount++;
    if (this.#problems.length < KEPT_PROBLEMS) this.#problems.push(problem);
  }

  #progress(step: ImportProgress['step'], { reading }: StockTable, counted: Counted): void {
    const done = this.#size === 0 ? 1 : Math.min(reading.bytes / this.#size, 1);
    this.#options.onProgress?.({ step, done, rows: counted.added + counted.known });
  }
}

function fileChanged(): StockImportFailed {
  return new StockImportFailed('it was changed while it was being imported; nothing was imported');
}

function stockChanged(cause?: Error): StockImportFailed {
  const message = 'the stock was changed by another process; nothing was imported, try again';
  return new StockImportFailed(message, { cause });
}
