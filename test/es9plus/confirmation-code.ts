// An order whose download asks for a confirmation code.
import { sealConfirmationCode } from '../../src/profile/profile-binding.ts';
import type { TestServer } from '../server.ts';
import { stateOf } from './calls.ts';

/** Orders a profile with a MatchingID and this confirmation code. */
export async function orderWithCode(server: TestServer, code: string): Promise<any> {
  const order = await server.order({ GenerateMatchingId: 'true' });
  const { store, masterKey } = server.server.context;
  const { subscription } = await stateOf(server, order.sid);
  const confirmation_code = sealConfirmationCode(
    code,
    server.account.username,
    order.sid,
    masterKey,
  );
  await store.transaction((tables) =>
    tables.subscriptions.transition('Released', { ...subscription!, confirmation_code }),
  );
  return order;
}
