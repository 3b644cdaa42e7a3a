// An example error for each HTTP status, for the OpenAPI document.
import { ApiError, notFound } from './api-error.ts';

/** By HTTP status. */
export const ERROR_EXAMPLES: Record<number, object> = Object.fromEntries(
  [
    new ApiError('invalidParameter', "Invalid parameter PageSize: expected at least 1; got '0'"),
    new ApiError(
      'badCredentials',
      'Authentication Error - invalid username',
      'Your AccountSid or AuthToken was incorrect.',
    ),
    new ApiError('accessDenied', 'Access Denied', 'This API key may only read.'),
    notFound('/v1/ESimProfiles/HP01a223adcc047000a8a29c4c72e6360a'),
    new ApiError(
      'methodNotAllowed',
      'The requested resource /v1/ESimProfiles does not support the attempted HTTP method DELETE',
    ),
    new ApiError('notAcceptable', 'Expected Accept to allow image/svg+xml or image/png'),
    new ApiError('conflict', 'The resource has been changed by another request; try again'),
    new ApiError('bodyTooLarge', 'The request body is too large; at most 64 KiB are accepted'),
    new ApiError(
      'unsupportedMediaType',
      'Expected Content-Type application/x-www-form-urlencoded or application/json',
    ),
    new ApiError(
      'idempotencyKeyReused',
      'This Idempotency-Key was used with other parameters; use a new key for another request',
    ),
    new ApiError('tooManyRequests', 'Too Many Requests'),
    new ApiError('headersTooLarge', 'The request headers are too large'),
    new ApiError('internal', 'Internal Server Error'),
    new ApiError('unavailable', 'Service Unavailable; try again'),
  ].map((error) => [error.status, error.body()]),
);
