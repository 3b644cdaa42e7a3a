// Orders that require a confirmation code.
import type { TestServer } from '../server.ts';

/** Orders a profile with a MatchingID and this confirmation code. */
export function orderWithCode(server: TestServer, code: string): Promise<any> {
  return server.order({ GenerateMatchingId: 'true', ConfirmationCode: code });
}
