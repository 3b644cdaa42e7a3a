/** A worker ended before it served, and it is of no use to start it again. */
export class WorkerEnded extends Error {
  override name = 'WorkerEnded';
  /** With which it ended, having said why; 0 if it was killed. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
