// Replays a recorded server on the model of a disk.
import type { Disk } from './disk.ts';
import { fileOf, lastNumberOf, stringsOf } from './trace.ts';
import type { SystemCall } from './trace.ts';

/** Something has changed that makes a power cut now different from one before. */
export type Step = 'write' | 'sync' | 'name' | 'sent';

export interface Sent {
  /** Which connection, as the process calls it. */
  connection: string;
  bytes: Buffer;
}

/**
 * @param root the folder that exists before; everything outside is left alone
 * @param onSent called when bytes are handed to a connection: from then on they may have been read
 */
export class Replay {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #onSent: (sent: Sent) => void;
  /** Where the next write(2) to a descriptor goes; -1: to the end. */
  readonly #positions = new Map<number, number>();
  readonly #ends = new Map<string, (result: number) => void>();

  constructor(disk: Disk, root: string, onSent: (sent: Sent) => void) {
    this.#disk = disk;
    this.#root = root;
    this.#onSent = onSent;
  }

  /** @returns what has changed, if anything */
  take(call: SystemCall): Step | undefined {
    if (call.result === undefined) return this.#begin(call);
    const end = this.#ends.get(call.thread);
    this.#ends.delete(call.thread);
    end?.(call.result);
    return this.#ended(call, end !== undefined);
  }

  #isOurs(path: string): boolean {
    return path.startsWith(`${this.#root}/`) && !path.endsWith('-shm');
  }

  #begin(call: SystemCall): Step | undefined {
    const { name, thread } = call;
    if (['fsync', 'fdatasync'].includes(name)) {
      const { path } = fileOf(call);
      if (!this.#isOurs(path) && path !== this.#root) return undefined;
      const ended = this.#disk.sync(path);
      this.#ends.set(thread, (result) => ended(result === 0));
      return undefined;
    }
    if (name === 'ftruncate') {
      const { path } = fileOf(call);
      if (!this.#isOurs(path)) return undefined;
      this.#expectDone(thread, this.#disk.truncate(path, lastNumberOf(call)));
      return 'write';
    }
    if (!/write|^send/.test(name)) return undefined;
    const { path, handle } = fileOf(call);
    if (path.startsWith('socket:')) {
      this.#onSent({ connection: path, bytes: Buffer.concat(stringsOf(call)) });
      return 'sent';
    }
    if (!this.#isOurs(path)) return undefined;
    const bytes = Buffer.concat(stringsOf(call));
    const offset = name.startsWith('p') ? lastNumberOf(call) : this.#nextPosition(handle, path);
    if (name === 'write') this.#positions.set(handle, offset + bytes.length);
    this.#expectDone(thread, this.#disk.write(path, offset, bytes));
    return 'write';
  }

  /** A write that fails may still have reached the disk in part: it stays uncertain. */
  #expectDone(thread: string, done: () => void): void {
    this.#ends.set(thread, (result) => {
      if (result >= 0) done();
    });
  }

  #nextPosition(handle: number, path: string): number {
    return this.#positions.get(handle) ?? this.#disk.size(path);
  }

  #ended(call: SystemCall, wasBegun: boolean): Step | undefined {
    if (call.result! < 0) return undefined;
    const [from, to] = namesOf(call);
    switch (call.name) {
      case 'fsync':
      case 'fdatasync':
        return wasBegun ? 'sync' : undefined;
      case 'open':
      case 'openat':
      case 'creat':
        return this.#opened(call);
      case 'mkdir':
      case 'mkdirat':
        if (!this.#isOurs(from!)) return undefined;
        this.#disk.makeFolder(from!);
        return 'name';
      case 'unlink':
      case 'unlinkat':
        if (!this.#isOurs(from!)) return undefined;
        this.#disk.unlink(from!);
        return 'name';
      case 'link':
      case 'linkat':
        if (!this.#isOurs(to!)) return undefined;
        this.#disk.link(from!, to!);
        return 'name';
      case 'rename':
      case 'renameat':
      case 'renameat2':
        if (!this.#isOurs(to!)) return undefined;
        this.#disk.rename(from!, to!);
        return 'name';
      case 'fallocate':
        if (this.#isOurs(fileOf(call).path)) throw new Error('fallocate is not part of the model');
        return undefined;
      default:
        return undefined;
    }
  }

  #opened(call: SystemCall): Step | undefined {
    const path = call.opened ?? '';
    if (!this.#isOurs(path)) return undefined;
    this.#positions.set(call.result!, 0);
    if (call.args.includes('O_APPEND')) this.#positions.delete(call.result!);
    if (!this.#disk.has(path)) {
      if (!call.args.includes('O_CREAT')) return undefined;
      this.#disk.create(path);
      return 'name';
    }
    if (!call.args.includes('O_TRUNC') || this.#disk.size(path) === 0) return undefined;
    this.#disk.truncate(path, 0)();
    return 'write';
  }
}

const namesOf = (call: SystemCall) =>
  /^(un)?link|^rename|^mkdir/.test(call.name) ? stringsOf(call).map((name) => name.toString()) : [];
