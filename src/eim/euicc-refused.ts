/** What the caller has asked for cannot be done; the message says why. */
export class EuiccRefused extends Error {
  override name = 'EuiccRefused';
  readonly what: 'parameter' | 'conflict';

  constructor(what: EuiccRefused['what'], message: string) {
    super(message);
    this.what = what;
  }
}
