// The ASN.1 binding (SGP.32 §6.3.2): one path, on which the tag of the message names the function.
import type { Answer } from '../https/https-listener.ts';
import { EsipaMessageFromEimToIpa } from '../rsp/definitions/esipa.ts';
import { DerError } from '../rsp/der-error.ts';
import { DerReader, encodeTlv, hexTag } from '../rsp/der.ts';
import { eimPackageErrors, provideEimPackageResultErrors } from '../rsp/eim-codes.ts';
import type { AnsweredFunction } from '../rsp/es9plus-errors.ts';
import { parseTransactionId } from '../rsp/identifiers.ts';
import { UnreadableBody } from '../https/request-body.ts';
import { numberOf } from '../eim/esipa-functions/refusal.ts';
import type { EsipaAnswer, EsipaFunction } from './answer-message.ts';
import type { EsipaBinding } from './binding.ts';
import { NO_CONTENT, readCall, TRY_AGAIN } from './binding.ts';

export const ESIPA_ASN1_PATH = '/gsma/rsp2/asn1';
export const ASN1_TYPE = 'application/x-gsma-rsp-asn1';

const NAMES: Readonly<Record<number, EsipaFunction>> = {
  0xbf39: 'initiateAuthentication',
  0xbf3b: 'authenticateClient',
  0xbf3a: 'getBoundProfilePackage',
  0xbf3d: 'handleNotification',
  0xbf41: 'cancelSession',
  0xbf4f: 'getEimPackage',
  0xbf50: 'provideEimPackageResult',
};
const GET_EIM_PACKAGE = 0xbf4f;

/** Throws `UnreadableBody` if a message calls none, so that no response fits. */
export function esipaFunctionOf(body: Uint8Array): EsipaFunction {
  const tag = firstTag(body);
  const name = tag === undefined ? undefined : NAMES[tag];
  if (name !== undefined) return name;
  const expected = Object.keys(NAMES).map((known) => hexTag(Number(known)));
  const found = tag === undefined ? 'something else' : hexTag(tag);
  throw new UnreadableBody(
    `The body must be an EsipaMessageFromIpaToEim, ${expected.join(', ')}; got ${found}`,
    false,
  );
}

function firstTag(body: Uint8Array): number | undefined {
  try {
    return new DerReader(body).peekTag();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return undefined;
  }
}

export const asn1Binding: EsipaBinding = {
  read: readCall,

  answered(answer) {
    if ('handleNotification' in answer) return answer.handleNotification ? NO_CONTENT : TRY_AGAIN;
    return asn1Answer(encode(answer));
  },

  refused(name, refusal) {
    if (name === 'handleNotification') return { status: 400 };
    // What cannot be read has no EID.
    if (name === 'getEimPackage') {
      return asn1Answer(encode({ getEimPackage: eimPackageErrors.missingEid }));
    }
    if (name === 'provideEimPackageResult') {
      const error = provideEimPackageResultErrors.undefinedError;
      return asn1Answer(encode({ provideEimPackageResult: { acknowledged: [], error } }));
    }
    return asn1Answer(EsipaMessageFromEimToIpa.encode(FAILED[name](numberOf(name, refusal))));
  },
};

const FAILED: Readonly<Record<AnsweredFunction, (number: number) => EsipaMessageFromEimToIpa>> = {
  initiateAuthentication: (number) => ({
    initiateAuthenticationResponseEsipa: { initiateAuthenticationErrorEsipa: number },
  }),
  authenticateClient: (number) => ({
    authenticateClientResponseEsipa: { authenticateClientErrorEsipa: number },
  }),
  getBoundProfilePackage: (number) => ({
    getBoundProfilePackageResponseEsipa: { getBoundProfilePackageErrorEsipa: number },
  }),
  cancelSession: (number) => ({ cancelSessionResponseEsipa: { cancelSessionError: number } }),
};

const asn1Answer = (body: Uint8Array): Answer => ({
  status: 200,
  headers: { 'content-type': ASN1_TYPE },
  body,
});

function encode(answer: Exclude<EsipaAnswer, { handleNotification: boolean }>): Uint8Array {
  if ('getEimPackage' in answer) {
    const { getEimPackage: given } = answer;
    // Its own bytes, as they were stored.
    if (typeof given !== 'number') return encodeTlv(GET_EIM_PACKAGE, given);
    return EsipaMessageFromEimToIpa.encode({ getEimPackageResponse: { eimPackageError: given } });
  }
  if ('provideEimPackageResult' in answer) {
    const { acknowledged, error } = answer.provideEimPackageResult;
    const provided =
      error !== undefined
        ? { provideEimPackageResultError: error }
        : acknowledged.length === 0
          ? { emptyResponse: {} }
          : { eimAcknowledgements: acknowledged };
    return EsipaMessageFromEimToIpa.encode({ provideEimPackageResultResponse: provided });
  }
  if ('initiateAuthentication' in answer) {
    const { transactionId, ...others } = answer.initiateAuthentication;
    return EsipaMessageFromEimToIpa.encode({
      initiateAuthenticationResponseEsipa: {
        initiateAuthenticationOkEsipa: {
          transactionId: parseTransactionId(transactionId)!,
          ...others,
        },
      },
    });
  }
  if ('authenticateClient' in answer) {
    const { authenticateClient: authenticated } = answer;
    if ('profileDownloadTrigger' in authenticated) {
      const { transactionId, profileDownloadTrigger } = authenticated;
      return EsipaMessageFromEimToIpa.encode({
        authenticateClientResponseEsipa: {
          authenticateClientOkDSEsipa: {
            transactionId: parseTransactionId(transactionId)!,
            ...(profileDownloadTrigger === undefined ? {} : { profileDownloadTrigger }),
          },
        },
      });
    }
    const { transactionId, profileMetadata, ...others } = authenticated;
    return EsipaMessageFromEimToIpa.encode({
      authenticateClientResponseEsipa: {
        authenticateClientOkDPEsipa: {
          transactionId: parseTransactionId(transactionId)!,
          ...(profileMetadata === undefined ? {} : { profileMetaData: profileMetadata }),
          ...others,
        },
      },
    });
  }
  if ('getBoundProfilePackage' in answer) {
    const { transactionId, boundProfilePackage } = answer.getBoundProfilePackage;
    return EsipaMessageFromEimToIpa.encode({
      getBoundProfilePackageResponseEsipa: {
        getBoundProfilePackageOkEsipa: {
          transactionId: parseTransactionId(transactionId)!,
          boundProfilePackage,
        },
      },
    });
  }
  return EsipaMessageFromEimToIpa.encode({ cancelSessionResponseEsipa: { cancelSessionOk: {} } });
}
