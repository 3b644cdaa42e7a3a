// Errors that end a download on the device, worded for its user.

/** The LPA or the user aborted. */
export class DeviceError extends Error {
  override readonly name: string = 'DeviceError';
}

/** The eUICC refused; `code` is the standard's name for the reason. */
export class EuiccError extends DeviceError {
  override readonly name = 'EuiccError';
  readonly functionName: string;
  readonly code: string;

  constructor(functionName: string, code: string, message: string) {
    super(message);
    this.functionName = functionName;
    this.code = code;
  }
}
