// ES10a.GetEuiccConfiguredAddresses, §5.7.3.
import { EuiccConfiguredAddressesResponse } from '../rsp/definitions/local-functions.ts';
import type { Euicc } from './euicc.ts';

export function getEuiccConfiguredAddresses({ state }: Euicc): Uint8Array {
  const { defaultDpAddress, rootDsAddress } = state;
  return EuiccConfiguredAddressesResponse.encode({
    ...(defaultDpAddress === '' ? {} : { defaultDpAddress }),
    rootDsAddress,
  });
}
