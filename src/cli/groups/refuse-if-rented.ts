// Commands about what a server with a rented SM-DP+ does not have.
import { readConfig } from '../../config.ts';
import { UserError } from '../user-error.ts';

/** Throws `UserError`. */
export function refuseIfRented(): void {
  const { config } = readConfig();
  if (config.rentedSmdp === undefined) return;
  throw new UserError(
    `SIMWRIGHT_SMDP is a rented SM-DP+, ${config.rentedSmdp.url}: it has the stock, the operators, the certificates and the log ` +
      'of ES9+; here, there are none',
  );
}
