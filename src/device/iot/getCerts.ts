// ES10b.GetCerts, SGP.32 §5.9.10.
import { GetCertsRequest, GetCertsResponse } from '../../rsp/definitions/iot-functions.ts';
import { findCredential } from '../euicc.ts';
import type { IotEuicc } from './iot-euicc.ts';

const INVALID_CI_PK_ID = 1;

export function getCerts(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { euiccCiPKId } = GetCertsRequest.decode(der);
  const credential =
    euiccCiPKId === undefined ? euicc.credentials[0] : findCredential(euicc, euiccCiPKId);
  if (credential === undefined) return GetCertsResponse.encode({ getCertsError: INVALID_CI_PK_ID });
  const { eumCertificate, euiccCertificate } = credential;
  return GetCertsResponse.encode({ certs: { eumCertificate, euiccCertificate } });
}
