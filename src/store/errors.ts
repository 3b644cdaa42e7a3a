// The failures that callers of the store must expect. Any other is a bug.

export class AlreadyExists extends Error {
  override name = 'AlreadyExists';
}

/** The row is not, or no longer, in the state that the change requires. */
export class Conflict extends Error {
  override name = 'Conflict';
}

/** The database cannot answer at the moment: busy for too long, full, or unreachable. */
export class StoreUnavailable extends Error {
  override name: string = 'StoreUnavailable';
  /** The message without details to hide from strangers: paths, hosts, users. */
  readonly brief: string;

  constructor(
    message: string,
    { brief = message, cause }: { brief?: string; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.brief = brief;
  }
}

/** It may well answer others: so many are waiting for it, or it takes so long. */
export class StoreBusy extends StoreUnavailable {
  override name = 'StoreBusy';
}

/** The database is damaged, and will not recover by itself. */
export class StoreDamaged extends StoreUnavailable {
  override name = 'StoreDamaged';
}

/** Rows of a transaction became too old before it was committed; run it again. */
export class TooLate extends Error {
  override name = 'TooLate';
}

/** Another server is using the database, which only supports one. */
export class StoreInUse extends Error {
  override name = 'StoreInUse';
}

/** The database is of another version, or belongs to another master key. */
export class StoreMismatch extends Error {
  override name = 'StoreMismatch';
}
