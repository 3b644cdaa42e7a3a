// What may keep a test or a rehearsal of callbacks from beginning.
import { ApiError } from './api-error.ts';

/** Neither the request nor the account names a receiver. */
export function noReceiver(): ApiError {
  return new ApiError(
    'invalidParameter',
    'Invalid parameter CallbackUrl: expected an http or https URL, since the account has none; got nothing',
  );
}

/** @param why before the time to wait */
export function tooSoon(why: string, waitSeconds: number): ApiError {
  const message = `${why}; try again in ${waitSeconds} s`;
  return new ApiError('tooManyRequests', message, undefined, {}, waitSeconds);
}
