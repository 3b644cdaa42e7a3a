// A backup: a line of JSON that says what it is, then the rows as lines of JSON, compressed (Zstandard) and sealed with a key made
// from the master key. docs/backup.md describes the format.
import { hash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { shortKeyId } from '../process/keys.ts';
import type { MasterKey } from '../process/keys.ts';
import { fileError, syncFolder } from '../process/private-files.ts';
import type { BulkTable, Cell } from '../store/bulk.ts';
import { checkEnd, next, NOTHING, share } from './fill.ts';
import type { Tell } from './progress.ts';
import { rowOf } from './rows.ts';
import type { FrameKey } from './sealed-frames.ts';
import { openFrames, sealFrames } from './sealed-frames.ts';
import type { Expected, Slice, Source, TableState } from './source.ts';
import { TransferError } from './transfer-error.ts';

const FORMAT = 1;
const MARK = '{"simwright_backup":';
/** The first line is not longer. */
const MOST_HEAD = 1024 * 1024;
const CHUNK = 1024 * 1024;
/** Faster than the rest, and nearly as small as with more. */
const LEVEL = 3;
/** A slice of a backup has no more, so that little is written again when a restore goes on. */
const SLICE = 2_000;

const NAMES = Type.Array(Type.String());
const HEAD = Type.Object({
  simwright_backup: Type.Number(),
  /** Of Simwright. */
  version: Type.String(),
  /** Of which time the rows are. */
  date_taken: Type.String({ pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ }),
  database: Type.Enum(['sqlite', 'postgres']),
  /** Which master key it is sealed with. */
  master_key: Type.String(),
  salt: Type.String(),
  migrations: NAMES,
  /** About. */
  rows: Type.Number(),
  tables: Type.Array(Type.Object({ name: Type.String(), columns: NAMES, key: NAMES })),
});

export type BackupHead = Static<typeof HEAD>;

/** What ends the rows of a table. */
type TableEnd = { end: string } & Expected;
/** What ends the backup. */
interface BackupEnd {
  tables: number;
  rows: number;
}

export interface Written {
  rows: number;
  bytes: number;
}

/**
 * Writes the whole file, or none. It can be read by its owner only. Throws `TransferError`, `FileError`.
 * @param about what the head says besides the source
 */
export async function writeBackup(
  file: string,
  source: Source,
  about: Pick<BackupHead, 'version' | 'date_taken' | 'database'>,
  masterKey: MasterKey,
  tell: Tell,
): Promise<Written> {
  await refuseOther(file);
  const head: BackupHead = {
    simwright_backup: FORMAT,
    ...about,
    master_key: masterKey.id,
    salt: randomBytes(32).toString('hex'),
    migrations: [...source.migrations],
    rows: source.rowCount,
    tables: source.tables.map(({ name, columns, key }) => ({
      name,
      columns: [...columns],
      key: [...key],
    })),
  };
  const headLine = `${JSON.stringify(head)}\n`;
  const draft = `${file}.part`;
  let rows = 0;

  async function* lines(): AsyncIterable<string> {
    const tables = new Map<string, TableState>();
    for await (const slice of source.slices(tables)) {
      const { name } = slice.table;
      const table = next(tables.get(name) ?? NOTHING, slice);
      tables.set(name, table);
      rows += slice.rows.length;
      tell({ phase: 'rows', title: name, done: share(rows, source.rowCount), count: rows });
      if (slice.lines.length > 0) yield `${slice.lines.join('\n')}\n`;
      if (!slice.isLast) continue;
      const end: TableEnd = { end: name, rows: table.rows, digest: table.digest };
      yield `${JSON.stringify(end)}\n`;
    }
    yield `${JSON.stringify({ tables: tables.size, rows } satisfies BackupEnd)}\n`;
  }

  async function* whole(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    yield Buffer.from(headLine);
    yield* sealFrames(bytes, frameKey(headLine, head, masterKey));
  }

  let failure: { cause: unknown } | undefined;
  async function* watched(): AsyncIterable<string> {
    try {
      yield* lines();
    } catch (cause) {
      failure = { cause };
      throw cause;
    }
  }
  try {
    await rm(draft, { force: true });
    await using handle = await open(draft, 'wx', 0o600);
    const { ino } = await handle.stat();
    await writeAll(handle).catch(async (error: unknown) => {
      if (await isThis(draft, ino)) await rm(draft, { force: true });
      throw error;
    });
    const { size } = await handle.stat();
    if (!(await isThis(draft, ino)))
      throw new TransferError(
        `Another backup is written to ${file} at the same time; that one goes on`,
      );
    await rename(draft, file);
    syncFolder(dirname(resolve(file)));
    return { rows, bytes: size };
  } catch (error) {
    if (error instanceof TransferError) throw error;
    throw failure?.cause ?? fileError(`The backup ${file} cannot be written`, error);
  }

  async function writeAll(handle: FileHandle): Promise<void> {
    await pipeline(
      Readable.from(watched(), { objectMode: false }),
      createZstdCompress({
        chunkSize: CHUNK,
        params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
      }),
      whole,
      async (bytes: AsyncIterable<Uint8Array>) => {
        // From where it is.
        for await (const chunk of bytes) await handle.writeFile(chunk);
      },
    );
    await handle.sync();
  }
}

/** Whether the file is still the one that was made, and not that of somebody else. */
async function isThis(file: string, ino: number): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.ino === ino;
}

/** Throws `TransferError` if there is something else than a backup. */
async function refuseOther(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || found.size === 0) return;
  const isOurs = found.isFile() && (await beginningOf(file)) === MARK;
  if (isOurs) return;
  throw new TransferError(`${file} exists and is not a backup; it is not overwritten`);
}

async function beginningOf(file: string): Promise<string> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MARK.length), 0, MARK.length, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

function frameKey(
  headLine: string,
  { salt, master_key: id }: BackupHead,
  masterKey: MasterKey,
): FrameKey {
  return {
    key: masterKey.derive(`backup ${salt}`, 32, id),
    associated: hash('sha256', headLine, 'buffer'),
  };
}

export interface Backup {
  file: string;
  head: BackupHead;
  bytes: number;
  /** The first line, with its end. */
  headLine: string;
}

/** Reads the head, for which no key is needed. Throws `TransferError`, `FileError`. */
export async function openBackup(file: string): Promise<Backup> {
  let text = '';
  let bytes: number;
  try {
    await using handle = await open(file);
    const found = await handle.stat();
    if (found.isDirectory()) throw new Error('it is a folder');
    bytes = found.size;
    for await (const chunk of handle.createReadStream({ end: MOST_HEAD, autoClose: false })) {
      text += (chunk as Buffer).toString('latin1');
      if (text.includes('\n')) break;
    }
  } catch (error) {
    throw fileError(`The backup ${file} cannot be read`, error);
  }
  const end = text.indexOf('\n') + 1;
  if (!text.startsWith(MARK) || end === 0) {
    throw new TransferError(
      `${file} is not a backup made by simwright backup, or its head is damaged`,
    );
  }
  const headLine = Buffer.from(text.slice(0, end), 'latin1').toString();
  const head = parseHead(file, headLine);
  return { file, head, bytes, headLine };
}

function parseHead(file: string, line: string): BackupHead {
  let head: BackupHead;
  try {
    head = JSON.parse(line) as BackupHead;
  } catch (cause) {
    throw new TransferError(`The head of ${file} is damaged: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (head.simwright_backup === FORMAT) {
    if (Value.Check(HEAD, head)) return head;
    const [{ instancePath, message } = { instancePath: '', message: '' }] = Value.Errors(
      HEAD,
      head,
    );
    const where = instancePath.slice(1).replaceAll('/', '.');
    throw new TransferError(`The head of ${file} is damaged: ${`${where} ${message}`.trim()}`);
  }
  throw new TransferError(
    `${file} has the format ${String(head.simwright_backup)}, and this version reads ${String(FORMAT)}; use the version that made it, ${head.version}`,
  );
}

/** Throws `TransferError` if the backup needs another key. */
export function checkBackupKey({ file, head }: Backup, masterKey: MasterKey): void {
  if (masterKey.has(head.master_key)) return;
  const short = shortKeyId(head.master_key);
  throw new TransferError(
    `${file} needs the master key ${head.master_key}, and here is ${masterKey.given.join(' and ')}. ` +
      `Put that key beside the present one, as master.key.${short}, or give both by SIMWRIGHT_MASTER_KEY`,
  );
}

export function backupSource(backup: Backup, masterKey: MasterKey): Source {
  const { head, file } = backup;
  return {
    name: `the backup ${file}`,
    identity: hash('sha256', backup.headLine),
    migrations: head.migrations,
    tables: head.tables,
    rowCount: head.rows,
    slices: (taken) => readSlices(backup, masterKey, taken),
  };
}

/** Reads all of it. Throws `TransferError` if it is not whole. */
export async function verifyBackup(
  backup: Backup,
  masterKey: MasterKey,
  tell: Tell,
): Promise<ReadonlyMap<string, TableState>> {
  const tables = new Map<string, TableState>();
  let rows = 0;
  for await (const slice of readSlices(backup, masterKey, new Map())) {
    const { name } = slice.table;
    const table = next(tables.get(name) ?? NOTHING, slice);
    checkEnd(name, table, slice.expected);
    tables.set(name, table);
    rows += slice.rows.length;
    tell({ phase: 'check', title: name, done: share(rows, backup.head.rows), count: rows });
  }
  return tables;
}

async function* readSlices(
  backup: Backup,
  masterKey: MasterKey,
  taken: ReadonlyMap<string, TableState>,
): AsyncIterable<Slice> {
  const { head } = backup;
  const remaining = [...head.tables];
  let table = remaining.shift();
  let toSkip = taken.get(table?.name ?? '')?.rows ?? 0;
  let count = 0;
  let total = 0;
  let ended: BackupEnd | undefined;
  for await (const lines of linesOf(backup, masterKey)) {
    for (let at = 0; at < lines.length;) {
      if (ended !== undefined) throw unexpected(lines[at]!);
      const until = endOfRows(lines, at);
      const found = lines.slice(Math.min(at + toSkip, until), until);
      toSkip -= until - at - found.length;
      count += until - at;
      at = until;
      const endLine = lines[at];
      if (endLine === undefined || endLine.startsWith('[')) {
        if (found.length > 0) yield sliceOf(table!, found);
        continue;
      }
      at++;
      const end = JSON.parse(endLine) as TableEnd | BackupEnd;
      if (!('end' in end)) {
        if (table !== undefined) throw unexpected(endLine);
        ended = end;
        continue;
      }
      if (end.end !== table?.name || end.rows !== count) throw unexpected(endLine);
      total += count;
      if (taken.get(table.name)?.isWhole !== true) {
        const { rows, digest } = end;
        yield { ...sliceOf(table, found), isLast: true, expected: { rows, digest } };
      }
      table = remaining.shift();
      toSkip = taken.get(table?.name ?? '')?.rows ?? 0;
      count = 0;
    }
  }
  if (ended?.rows === total && ended.tables === head.tables.length) return;
  throw new TransferError('The backup is damaged: its end is missing');
}

function unexpected(line: string): TransferError {
  return new TransferError(`The backup is damaged: unexpected ${line.slice(0, 80)}`);
}

/** Rows begin with a bracket, whatever ends something with a brace. */
function endOfRows(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && at < from + SLICE && lines[at]!.startsWith('[')) at++;
  return at;
}

function sliceOf(table: BulkTable, lines: readonly string[]): Slice {
  const rows = lines.map((line) => rowOf(JSON.parse(line) as Cell[]));
  return { table, rows, lines, isLast: false };
}

/** The lines, some at a time. Throws `TransferError`, `FileError`. */
async function* linesOf(backup: Backup, masterKey: MasterKey): AsyncIterable<string[]> {
  const { file, headLine, head } = backup;
  const start = Buffer.byteLength(headLine);
  const frames = openFrames(reading(file, start), frameKey(headLine, head, masterKey));
  const decompressed = createZstdDecompress({ chunkSize: CHUNK });
  // The first thing that goes wrong is the reason.
  let reason: unknown;
  const flow = pipeline(Readable.from(frames, { objectMode: false }), decompressed).catch(
    (error: unknown) => (reason ??= error),
  );
  const decoder = new StringDecoder();
  let rest = '';
  try {
    for await (const chunk of decompressed) {
      const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
      rest = lines.pop()!;
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    await flow;
    const cause = reason ?? error;
    if (cause instanceof TransferError || (cause as Error).name === 'FileError') throw cause;
    throw new TransferError(`The backup is damaged: ${(cause as Error).message}`, { cause });
  }
  if (rest !== '') throw new TransferError('The backup is damaged: its last line has no end');
}

async function* reading(file: string, start: number): AsyncIterable<Buffer> {
  try {
    yield* createReadStream(file, { start, highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw fileError(`The backup ${file} cannot be read`, error);
  }
}
