import type { NoActivationCode } from '../operator/qr/qr-labels.ts';
import { ApiError, notFound } from './api-error.ts';

/** An eSIM Profile that does not exist, or has no code to print. */
export function toLabelError({ sid, row, message }: NoActivationCode): ApiError {
  return row === undefined
    ? notFound(`/v1/ESimProfiles/${sid}`)
    : new ApiError('conflict', message);
}
