// The failures that a caller of the store may expect. Anything else is a bug.

export class AlreadyExists extends Error {
  override name = 'AlreadyExists';
}

/** The row was not, or no longer, as the change demands. */
export class Conflict extends Error {
  override name = 'Conflict';
}

/** The database cannot answer at the moment: busy for long, full, or out of reach. */
export class StoreUnavailable extends Error {
  override name: string = 'StoreUnavailable';
  /** The message without what strangers need not know: paths, hosts, users. */
  readonly brief: string;

  constructor(
    message: string,
    { brief = message, cause }: { brief?: string; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.brief = brief;
  }
}

/** The database cannot answer, and will not by itself: what is on disk is not what was written. */
export class StoreDamaged extends StoreUnavailable {
  override name = 'StoreDamaged';
}

/** What was written in a transaction became too old before it was kept; it is to be run again. */
export class TooLate extends Error {
  override name = 'TooLate';
}

/** Another server uses the database, which serves one alone. */
export class StoreInUse extends Error {
  override name = 'StoreInUse';
}

/** The database is of another version, or belongs to another master key. */
export class StoreMismatch extends Error {
  override name = 'StoreMismatch';
}
