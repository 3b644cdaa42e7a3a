// The API's errors: HTTP status, code from the error dictionary, and body.

/** HTTP status and code of each error. */
export const API_ERRORS = {
  invalidParameter: [400, 20001],
  invalidPageToken: [400, 21481],
  simStatusRefused: [400, 83010],
  simUniqueNameTaken: [400, 83011],
  badCredentials: [401, 20003],
  accessDenied: [403, 20006],
  notFound: [404, 20404],
  methodNotAllowed: [405, 20004],
  notAcceptable: [406, 20406],
  conflict: [409, 20409],
  bodyTooLarge: [413, 20413],
  unsupportedMediaType: [415, 20415],
  idempotencyKeyReused: [422, 20422],
  tooManyRequests: [429, 20429],
  headersTooLarge: [431, 20431],
  internal: [500, 20500],
  unavailable: [503, 20503],
} as const satisfies Record<string, readonly [status: number, code: number]>;

export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: number;
  /** A second sentence for the user. */
  readonly detail: string | undefined;
  /** Further members of the body. */
  readonly members: object;
  /** Seconds to wait before the next attempt. */
  readonly retryAfter: number | undefined;

  constructor(
    kind: keyof typeof API_ERRORS,
    message: string,
    detail?: string,
    members: object = {},
    retryAfter?: number,
  ) {
    super(message);
    [this.status, this.code] = API_ERRORS[kind];
    this.detail = detail;
    this.members = members;
    this.retryAfter = retryAfter;
  }

  /** The body in the form that SDKs expect. */
  body(): { code: number; detail?: string; message: string; more_info: string; status: number } {
    return {
      code: this.code,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      message: this.message,
      more_info: `https://www.twilio.com/docs/errors/${this.code}`,
      status: this.status,
      ...this.members,
    };
  }
}

export function notFound(path: string): ApiError {
  return new ApiError('notFound', `The requested resource ${path} was not found`);
}
