import { Type } from 'typebox';
import { registerEuicc, renderEuicc } from '../eim/euiccs.ts';
import { resultSignatures } from '../eim/association.ts';
import { checkEid } from '../values/eid.ts';
import { ref } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import { ipaGiven, ipaParameters } from './euicc-ipa.ts';
import { metadataAfter } from './euicc-metadata.ts';
import { EUICCS_PATH, eimOf, Group, NO_EIM, toApiError } from './euicc-paths.ts';
import { operation } from './operation.ts';
import { newCallback } from './euicc-callback.ts';
import {
  CallbackMethod,
  Eid,
  EuiccCallbackUrl,
  FriendlyName,
  Metadata,
} from './parameter-schemas.ts';

const Certificate = (of: string) =>
  Type.Optional(
    Type.String({
      maxLength: 8192,
      description: `${of}: DER in base64. Both or neither; without them, the IPA is asked for them.`,
    }),
  );

/** `POST /v1/Euiccs`: ours. */
export const createEuicc = operation({
  operationId: 'CreateEuicc',
  method: 'POST',
  path: EUICCS_PATH,
  tag: 'IoT devices',
  need: 'orders',
  summary: 'Register an eUICC',
  description:
    'Ours: the eIM is to manage the eUICC with this EID. Its device must know the eIM (see its onboarding) and poll it. ' +
    'Orders for the EID that are available, or become so, are then downloaded and enabled without anybody doing anything.',
  body: Type.Object({
    Eid,
    FriendlyName: Type.Optional(FriendlyName),
    Group: Type.Optional(Group),
    Metadata: Type.Optional(Metadata),
    EuiccCertificate: Certificate('CERT.EUICC.ECDSA'),
    EumCertificate: Certificate('CERT.EUM.ECDSA'),
    ResultSignature: Type.Optional(
      Type.Enum([...resultSignatures], {
        type: 'string',
        default: 'associationToken',
        description:
          'What the eUICC signs besides its result: `eimSignature` for eUICCs of SGP.32 v1.0.1.',
      }),
    ),
    UnsignedResults: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Whether results are taken that the eUICC has not signed: only for IPAs that imitate an IoT eUICC with a consumer ' +
          'eUICC, since anybody can write such results.',
      }),
    ),
    CallbackUrl: Type.Optional(EuiccCallbackUrl),
    CallbackMethod: Type.Optional(CallbackMethod),
    ...ipaParameters(),
  }),
  responses: { 201: { description: 'The eUICC.', schema: ref('Euicc') } },
  errors: { 409: `The EID is registered already. ${NO_EIM}` },
  async handle(
    { caller, body },
    { eim, config, log, now, pki, store, transact, masterKey, publicUrl },
  ) {
    const rules = { eim: eimOf({ eim }), log, now, pki, store, transact };
    const problem = config.eidCheckDigits ? checkEid(body.Eid) : undefined;
    if (problem !== undefined) {
      throw new ApiError('invalidParameter', `Invalid parameter Eid: ${problem}`);
    }
    const ipa = ipaGiven(body);
    const row = await registerEuicc(
      caller.accountSid,
      {
        eid: body.Eid,
        friendlyName: body.FriendlyName ?? null,
        resultSignature: body.ResultSignature ?? 'associationToken',
        unsignedResults: body.UnsignedResults ?? false,
        callback: newCallback(body, caller.accountSid, masterKey),
        group: body.Group,
        metadata: body.Metadata === undefined ? null : metadataAfter(null, body.Metadata),
        ipa,
        certificates: certificatesIn(body),
      },
      rules,
    ).catch((error: unknown) => {
      throw toApiError(error);
    });
    return { status: 201, body: renderEuicc(row, publicUrl) };
  },
});

/** Throws `ApiError` 400. */
function certificatesIn({
  EuiccCertificate: euicc,
  EumCertificate: eum,
}: {
  EuiccCertificate?: string;
  EumCertificate?: string;
}) {
  if (euicc === undefined && eum === undefined) return undefined;
  if (euicc === undefined || eum === undefined) {
    throw new ApiError('invalidParameter', 'EuiccCertificate and EumCertificate go together');
  }
  try {
    return { euicc: Uint8Array.fromBase64(euicc), eum: Uint8Array.fromBase64(eum) };
  } catch {
    throw new ApiError('invalidParameter', 'EuiccCertificate and EumCertificate must be base64');
  }
}
