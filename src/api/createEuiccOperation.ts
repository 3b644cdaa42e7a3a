import { Type } from 'typebox';
import { askOperation, previewOperation } from '../eim/ask-operation.ts';
import { OPERATION_KINDS, renderOperation } from '../eim/operations/operation.ts';
import { ref } from './answer-schemas.ts';
import {
  eimOf,
  euiccAt,
  EuiccParams,
  EUICCS_PATH,
  NO_EIM,
  OPERATIONS_PATH,
  toApiError,
} from './euicc-paths.ts';
import { commandsIn } from './euicc-commands.ts';
import { newCallback } from './euicc-callback.ts';
import { onceByIdempotencyKey } from './idempotency.ts';
import { operation } from './operation.ts';
import { CallbackMethod, OperationCallbackUrl } from './parameter-schemas.ts';

/** `POST /v1/Euiccs/{Sid}/Operations`: ours. */
export const createEuiccOperation = operation({
  operationId: 'CreateEuiccOperation',
  method: 'POST',
  path: OPERATIONS_PATH,
  tag: 'IoT devices',
  need: 'orders',
  idempotent: true,
  summary: 'Have an eUICC do something',
  description:
    'Ours: one operation, which the eUICC carries out when its device polls the next time; those that wait are carried out one ' +
    'after the other. It is `completed` once the eUICC has signed that it is done.',
  params: EuiccParams,
  body: Type.Object({
    Kind: Type.Enum([...OPERATION_KINDS], {
      type: 'string',
      description:
        'A command of an eUICC package by its name in SGP.32; `package`, of several; `download` of a profile; or `euiccData`, ' +
        'with which the IPA tells the certificates and capabilities of the eUICC. `updateEim` makes it trust the newest key of ' +
        'the eIM.',
    }),
    Iccid: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'Of `enable`, `disable`, `delete` and `setFallbackAttribute`: the profile.',
      }),
    ),
    Rollback: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Of `enable`, and of `download` with Enable: whether the device goes back to the profile before if this one has no ' +
          'connectivity.',
      }),
    ),
    ActivationCode: Type.Optional(
      Type.String({
        maxLength: 259,
        description:
          'Of `download`: that of an eSIM Profile, here or at another SM-DP+, with or without `LPA:`.',
      }),
    ),
    ContactDefaultSmdp: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Of `download`, instead of an activation code: what waits for the EID at the default SM-DP+ that the eUICC knows.',
      }),
    ),
    ContactSmds: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Of `download`, instead of an activation code: what waits for the EID at an SM-DS. Each further event there becomes a ' +
          '`download` of its own.',
      }),
    ),
    SmdsAddress: Type.Optional(
      Type.String({
        maxLength: 255,
        description:
          'With ContactSmds: the SM-DS; by default, the root SM-DS that the eUICC knows.',
      }),
    ),
    ConfirmationCode: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description:
          'Of `download`: the confirmation code of the profile, of which the eIM gives the device a hash when the SM-DP+ asks for ' +
          'it. It is kept sealed until the operation ends, and is never shown. An order of this server that is pushed by itself ' +
          'has its own.',
      }),
    ),
    Enable: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Of `download`: whether the profile is then enabled, by an operation of its own.',
      }),
    ),
    Configuration: Type.Optional(
      Type.String({
        maxLength: 8192,
        description:
          'Of `addEim`: EimConfigurationData, or AddInitialEimRequest with one, as the onboarding of another Simwright; DER in ' +
          'base64.',
      }),
    ),
    EimId: Type.Optional(
      Type.String({
        maxLength: 128,
        description:
          'Of `deleteEim`: the eIM that the eUICC forgets; at most 128 bytes of UTF-8. Without our own, the eUICC obeys us no ' +
          'longer.',
      }),
    ),
    Address: Type.Optional(
      Type.String({
        maxLength: 255,
        description:
          'Of `setDefaultDpAddress`: the SM-DP+, a host with or without a port; empty for none. Of `configureImmediateEnable`: ' +
          'the SM-DP+ whose profiles alone are enabled.',
      }),
    ),
    ImmediateEnable: Type.Optional(
      Type.Boolean({
        description:
          'Of `configureImmediateEnable`: whether a profile is enabled right after its installation, without the eIM.',
      }),
    ),
    SmdpOid: Type.Optional(
      Type.String({
        maxLength: 128,
        description:
          'Of `configureImmediateEnable`: the OID of the SM-DP+ whose profiles alone are enabled.',
      }),
    ),
    Commands: Type.Optional(
      Type.String({
        maxLength: 65_536,
        description:
          'Of `package`: what one eUICC package has, as JSON: a list of up to 16 objects, each with `kind` and what that kind ' +
          'needs, such as `iccid`, as `parameters` of the operation shows it. All are about profiles, or all about eIMs. The eUICC ' +
          'executes them in their order, and stops at the first that fails.',
        examples: [
          '[{"kind":"disable","iccid":"89882110000000000014"},{"kind":"delete","iccid":"89882110000000000014"}]',
        ],
      }),
    ),
    CallbackUrl: Type.Optional(OperationCallbackUrl),
    CallbackMethod: Type.Optional(CallbackMethod),
    DryRun: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Check it, say what would be sent, in ASN.1, and do nothing.',
      }),
    ),
  }),
  mayBeEmpty: ['Address'],
  responses: {
    200: {
      description: 'With `DryRun`: what would be sent.',
      schema: ref('EuiccOperationPreview'),
    },
    201: { description: 'The operation.', schema: ref('EuiccOperation') },
  },
  errors: {
    409: `Too many operations wait for the eUICC, or it no longer knows the eIM. ${NO_EIM}`,
  },
  async handle(request, { config, eim, store, transact, masterKey, publicUrl }) {
    const { caller, params, body } = request;
    const { Sid } = params;
    const rules = { eim: eimOf({ eim }), masterKey };
    const asked = {
      kind: body.Kind,
      iccid: body.Iccid,
      rollback: body.Rollback,
      enable: body.Enable,
      address: body.Address,
      activationCode: body.ActivationCode,
      contactDefaultSmdp: body.ContactDefaultSmdp,
      contactSmds: body.ContactSmds,
      smdsAddress: body.SmdsAddress,
      confirmationCode: body.ConfirmationCode,
      configuration: body.Configuration,
      eimId: body.EimId,
      immediateEnable: body.ImmediateEnable,
      smdpOid: body.SmdpOid,
      commands: body.Commands === undefined ? undefined : commandsIn(body.Commands),
      callback: newCallback(body, caller.accountSid, masterKey),
    };
    const path = `${EUICCS_PATH}/${Sid}/Operations`;
    if (body.DryRun === true) {
      const euicc = await euiccAt(caller.accountSid, Sid, path, store);
      const preview = await previewOperation(euicc, asked, { ...rules, config, store }).catch(
        (error: unknown) => {
          throw toApiError(error);
        },
      );
      return { status: 200, body: JSON.stringify({ dry_run: true, kind: body.Kind, ...preview }) };
    }
    return onceByIdempotencyKey(
      request,
      { store, masterKey, transact, append: transact },
      async (unit) => {
        const euicc = await euiccAt(caller.accountSid, Sid, path, unit.tables);
        const row = await askOperation(euicc, asked, rules, unit);
        return { status: 201, body: renderOperation(row, publicUrl) };
      },
      `POST ${path} `,
    ).catch((error: unknown) => {
      throw toApiError(error);
    });
  },
});
