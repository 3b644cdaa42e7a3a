// The built-in SM-DP+ for operators over ES2+: each sees the profiles of its account, and changes those that it has
// ordered.
import type { Context } from '../../context.ts';
import type { Es2PlusRequest, SmdpFunctions } from '../../es2plus/functions.ts';
import type { Role } from '../../es2plus/listener.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { checkEid } from '../../values/eid.ts';
import type { OperatorPeer, OperatorTrust } from '../operators/operator-trust.ts';
import { lookAtSmds } from '../smds/look.ts';
import { smdsLookups } from '../smds/smds-client.ts';
import { builtInSmdp } from './built-in-smdp.ts';
import { ofOperators } from './order-context.ts';

type Request = Es2PlusRequest<keyof SmdpFunctions>;
type RoleContext = Pick<
  Context,
  'config' | 'masterKey' | 'transact' | 'store' | 'pki' | 'now' | 'log'
>;

export function smdpRole(trust: OperatorTrust, context: RoleContext): Role<OperatorPeer> {
  const lookups = smdsLookups(context.config);

  function carryOut<Response>(
    name: string,
    request: Request,
    peer: OperatorPeer,
    work: (smdp: SmdpFunctions) => Promise<Response>,
  ): Promise<Response> {
    check(request, peer, context);
    const { accountSid, operatorSid } = peer;
    const { config, masterKey } = context;
    const { smdpAddress, testMatchingIds } = config;
    const smds = ofOperators(config.smds);
    const caller = { accountSid, operatorSid, smdpAddress, testMatchingIds, masterKey, smds };
    const { iccid, eid, profileType } = request as {
      [name in 'iccid' | 'eid' | 'profileType']?: string;
    };
    const act = {
      operation: `ES2+.${name}`,
      by: { type: 'operator', sid: operatorSid },
      requestId: request.header.functionCallIdentifier,
    } as const;
    return context.transact(async (unit) => {
      const response = await work(builtInSmdp({ ...caller, unit }));
      const subject = iccid ?? (response as { iccid?: string }).iccid ?? '';
      const after = { eid, profile_type: profileType };
      await unit.audit(accountSid, { subject, after }, { act });
      return response;
    });
  }
  return {
    clientCas: trust.clientCas,
    identify: trust.identify,
    nameOf: ({ operatorSid }) => operatorSid,
    functions: {
      async downloadOrder(request, peer) {
        const { iccid } = await carryOut('DownloadOrder', request, peer, (smdp) =>
          smdp.downloadOrder(request),
        );
        return { iccid };
      },
      async confirmOrder(request, peer) {
        check(request, peer, context);
        await lookAtSmds(request, peer, lookups, context);
        return carryOut('ConfirmOrder', request, peer, (smdp) => smdp.confirmOrder(request));
      },
      cancelOrder: (request, peer) =>
        carryOut('CancelOrder', request, peer, (smdp) => smdp.cancelOrder(request)),
      releaseProfile: (request, peer) =>
        carryOut('ReleaseProfile', request, peer, (smdp) => smdp.releaseProfile(request)),
    },
  };
}

/** What is checked of a request before the profile is looked for. */
function check(
  { header, ...request }: Request,
  { requesterIdentifier }: OperatorPeer,
  { config }: RoleContext,
): void {
  const { functionRequesterIdentifier: given } = header;
  if (requesterIdentifier !== null && given !== requesterIdentifier) {
    // §5.2.6: the operator is not allowed to call as somebody else → 1.1 / 1.2
    throw new FunctionExecutionError(
      '1.1',
      '1.2',
      'functionRequesterIdentifier is not that of this operator',
      'functionRequesterIdentifier',
    );
  }
  const { eid } = request as { eid?: string };
  const problem = eid === undefined || !config.eidCheckDigits ? undefined : checkEid(eid);
  if (problem === undefined) return;
  // §4.3.1: not an EID → 8.1.1 / 2.1
  throw new FunctionExecutionError('8.1.1', '2.1', `Invalid EID: ${problem}`, 'eid');
}
