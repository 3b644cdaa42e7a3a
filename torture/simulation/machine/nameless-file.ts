// A file in the memory of a machine, for uploads: what `open` of node:fs/promises gives.
import { Readable } from 'node:stream';
import { die, systemError } from './disk.ts';
import type { DiskCall } from './disk.ts';
import type { Program } from './machine.ts';

/** The methods of `FileHandle` that the product uses; another one is missing, which a run shows at once. */
export class NamelessFile implements AsyncDisposable {
  readonly #program: Program;
  #bytes = Buffer.alloc(0);

  constructor(program: Program) {
    this.#program = program;
  }

  async appendFile(bytes: Uint8Array): Promise<void> {
    await answered(this.#program, 'file', 'write');
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  async read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ buffer: Buffer; bytesRead: number }> {
    await answered(this.#program, 'file', 'read');
    const bytesRead = this.#bytes.copy(buffer, offset, position, position + length);
    return { buffer, bytesRead };
  }

  createReadStream({ start, highWaterMark }: { start: number; highWaterMark: number }): Readable {
    const program = this.#program;
    const bytes = this.#bytes;
    let at = start;
    return new Readable({
      highWaterMark,
      read() {
        answered(program, 'file', 'read').then(
          () => {
            const end = Math.min(at + highWaterMark, bytes.length);
            this.push(at < end ? bytes.subarray(at, end) : null);
            at = end;
          },
          (error: Error) => this.destroy(error),
        );
      },
    });
  }

  async stat(): Promise<{ size: number; isFile: () => boolean }> {
    await answered(this.#program, 'file', 'stat');
    return { size: this.#bytes.length, isFile: () => true };
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Resolves when the disk has answered, and rejects if the call fails. Never if the program has died. */
export function answered(program: Program, call: DiskCall, syscall: string): Promise<void> {
  const { machine, name, isStopped } = program;
  return new Promise((resolve, reject) => {
    if (isStopped) return;
    const { dies, fails, takes = 0 } = machine.disk.judge(call, program);
    machine.trace.addDetail(machine.elapsed, name, `${call}: ${syscall}`);
    if (dies !== undefined) die(program, syscall, dies);
    program.after(takes, () => {
      if (fails === undefined) return resolve();
      machine.note(name, `${syscall} of a file fails: ${fails}`);
      return reject(systemError(fails, syscall));
    });
  });
}
