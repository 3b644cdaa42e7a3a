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
  override name = 'StoreUnavailable';
}

/** The database is of another version, or belongs to another master key. */
export class StoreMismatch extends Error {
  override name = 'StoreMismatch';
}
