// The eIM as eUICCs know it: its name, address and keys, as EimConfigurationData (SGP.32 §2.11.1.1.2).
import type { EimConfigurationData } from '../rsp/definitions/eim-configuration-data.ts';
import { AddInitialEimRequest, AddInitialEimResponse } from '../rsp/definitions/iot-functions.ts';
import { addInitialEimErrors, eimIdTypes } from '../rsp/eim-codes.ts';
import { encodeSubjectPublicKeyInfo } from '../rsp/public-key.ts';
import { nameOf } from '../rsp/reasons.ts';
import type { Signer } from '../rsp/signature.ts';
import type { EuiccRow } from '../store/schema.ts';
import { EimError } from './eim-error.ts';

export interface EimIdentity {
  readonly eimId: string;
  readonly eimIdType?: keyof typeof eimIdTypes;
  /** Host, with a port unless it is 443, at which IPAs find ESipa. */
  readonly eimFqdn: string;
  /** Signs eUICC packages: SK.EIM.ECDSA. */
  readonly signer: Signer;
  /** DER of CERT.EIM.ECDSA; without it, eUICCs get the bare key. */
  readonly certificate?: Uint8Array;
  /** What an IPA trusts for the TLS of ESipa: the key of the server, or the certificate of the server or of its CA. */
  readonly tls?: EimConfigurationData['trustedPublicKeyDataTls'];
  readonly indirectProfileDownload: boolean;
}

/**
 * What an eUICC is told of it. IPAs of v1.0.1 write packages anew, without what they do not know, and then the eUICC finds the
 * signature wrong, also that of another eIM that adds this one.
 */
export const identityFor = (
  identity: EimIdentity,
  signature: EuiccRow['result_signature'] | undefined,
): EimIdentity =>
  signature === 'eimSignature' ? { ...identity, indirectProfileDownload: false } : identity;

/** SGP.32 §5.9.4: asks the eUICC to make an association token, which it returns. */
export const MAKE_ASSOCIATION_TOKEN = -1;

/**
 * What an eUICC is to know of this eIM from now on. A new association starts with a counter of zero.
 * @param injects whether packages are also sent to its IPA, which listens
 */
export function configurationDataOf(
  identity: EimIdentity,
  association: Pick<EimConfigurationData, 'counterValue' | 'associationToken' | 'euiccCiPKId'> = {
    counterValue: 0,
    associationToken: MAKE_ASSOCIATION_TOKEN,
  },
  { injects = false }: { injects?: boolean } = {},
): EimConfigurationData {
  const { eimId, eimIdType, eimFqdn, signer, certificate, tls } = identity;
  const { counterValue, associationToken, euiccCiPKId } = association;
  return {
    eimId,
    eimFqdn,
    ...(eimIdType === undefined ? {} : { eimIdType: eimIdTypes[eimIdType] }),
    ...(counterValue === undefined ? {} : { counterValue }),
    ...(associationToken === undefined ? {} : { associationToken }),
    eimPublicKeyData:
      certificate === undefined
        ? { eimPublicKey: encodeSubjectPublicKeyInfo(signer.curve, signer.publicKey) }
        : { eimCertificate: certificate },
    ...(tls === undefined ? {} : { trustedPublicKeyDataTls: tls }),
    eimSupportedProtocol: ['eimRetrieveHttps', ...(injects ? (['eimInjectHttps'] as const) : [])],
    ...(euiccCiPKId === undefined ? {} : { euiccCiPKId }),
    ...(identity.indirectProfileDownload ? { indirectProfileDownload: null } : {}),
  };
}

/** SGP.32 §5.9.4: the request with which a device associates its eUICC with the eIM, before it has any; IPAs take it from a file. */
export function addInitialEimRequest(...data: readonly EimConfigurationData[]): Uint8Array {
  return AddInitialEimRequest.encode({ eimConfigurationDataList: data });
}

/** The tokens that the eUICC has made, one for each eIM of the request. Throws `EimError` if it refused. */
export function readAddInitialEimResponse(der: Uint8Array): (number | undefined)[] {
  const { addInitialEimOk, addInitialEimError } = AddInitialEimResponse.decode(der);
  if (addInitialEimOk !== undefined) {
    return addInitialEimOk.map(({ associationToken }) => associationToken);
  }
  const name = nameOf(addInitialEimErrors, addInitialEimError) ?? `${addInitialEimError}`;
  throw new EimError('refused', `The eUICC refused AddInitialEim: ${name}.`);
}
