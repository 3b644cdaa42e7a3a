// ES2+ (SGP.22 §5.3): the functions between the operator who orders profiles and the SM-DP+ that delivers them.
// Neither side knows more about the other than this.
import type { Static, TSchema } from 'typebox';
import { Type } from 'typebox';

const Iccid = Type.String({
  description: '18 to 20 digits; shorter ones may be filled with F up to 20',
  pattern: '^[0-9A-Ea-e]{18,20}[Ff]{0,2}$',
  maxLength: 20,
});
const EidOfEuicc = Type.String({ description: '32 digits', pattern: '^[0-9A-Fa-f]{32}$' });

/** §5.2.6: the caller and the identifier of the call; repeating a call has no further effect. */
const RequestHeader = Type.Object({
  functionRequesterIdentifier: Type.String({ minLength: 1, maxLength: 200 }),
  functionCallIdentifier: Type.String({ minLength: 1, maxLength: 200 }),
});
export type RequestHeader = Static<typeof RequestHeader>;

const StatusCodeData = Type.Object({
  subjectCode: Type.String(),
  reasonCode: Type.String(),
  subjectIdentifier: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
});

/** §5.2.6: the result of a function, or of a step of a download. */
const FunctionExecutionStatus = Type.Object({
  status: Type.Union([
    Type.Literal('Executed-Success'),
    Type.Literal('Executed-WithWarning'),
    Type.Literal('Failed'),
    Type.Literal('Expired'),
  ]),
  statusCodeData: Type.Optional(StatusCodeData),
});
export type FunctionExecutionStatus = Static<typeof FunctionExecutionStatus>;

/** A response with only a header, or without a body. */
const Nothing = Type.Void();

const OPERATOR_TO_SMDP = 'operator to SM-DP+';
const SMDP_TO_OPERATOR = 'SM-DP+ to operator';

/** Members in the JSON binding (§6.5), without the header of responses. */
export const functions = {
  /** Takes a profile out of stock, for an EID or for any eUICC. */
  downloadOrder: {
    section: '5.3.1',
    path: '/gsma/rsp2/es2plus/downloadOrder',
    direction: OPERATOR_TO_SMDP,
    request: Type.Object({
      header: RequestHeader,
      eid: Type.Optional(EidOfEuicc),
      iccid: Type.Optional(Iccid),
      profileType: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    }),
    response: Type.Object({
      iccid: Iccid,
      profileType: Type.Optional(
        Type.String({
          maxLength: 200,
          description: 'Ours: its type, which §5.3.1 tells nobody who did not ask for it.',
        }),
      ),
    }),
  },
  /** Sets how an ordered profile is found, and may release it. */
  confirmOrder: {
    section: '5.3.2',
    path: '/gsma/rsp2/es2plus/confirmOrder',
    direction: OPERATOR_TO_SMDP,
    request: Type.Object({
      header: RequestHeader,
      iccid: Iccid,
      eid: Type.Optional(EidOfEuicc),
      matchingId: Type.Optional(
        Type.String({
          description:
            'Absent: the SM-DP+ generates one. Empty: the profile is found by its EID at the default SM-DP+.',
        }),
      ),
      confirmationCode: Type.Optional(
        Type.String({
          description: 'To be entered by the user before the download.',
          minLength: 1,
          maxLength: 100,
        }),
      ),
      smdsAddress: Type.Optional(
        Type.String({
          description:
            'Where the order is announced for its EID (§3.6.1): host of an SM-DS, with its port if it is not 443.',
        }),
      ),
      releaseFlag: Type.Boolean(),
    }),
    response: Type.Object({
      matchingId: Type.String(),
      eid: Type.Optional(EidOfEuicc),
      smdpAddress: Type.Optional(
        Type.String({ description: 'Absent: the address known to the operator.' }),
      ),
    }),
  },
  /** Ends an order; its profile returns to stock or is never used again. */
  cancelOrder: {
    section: '5.3.3',
    path: '/gsma/rsp2/es2plus/cancelOrder',
    direction: OPERATOR_TO_SMDP,
    request: Type.Object({
      header: RequestHeader,
      iccid: Iccid,
      eid: Type.Optional(EidOfEuicc),
      matchingId: Type.Optional(Type.String()),
      finalProfileStatusIndicator: Type.Union([
        Type.Literal('Available'),
        Type.Literal('Unavailable'),
      ]),
    }),
    response: Nothing,
  },
  /** Makes a confirmed profile available for download. */
  releaseProfile: {
    section: '5.3.4',
    path: '/gsma/rsp2/es2plus/releaseProfile',
    direction: OPERATOR_TO_SMDP,
    request: Type.Object({ header: RequestHeader, iccid: Iccid }),
    response: Nothing,
  },
  /** Reports the progress of a profile: see notification-points.ts. */
  handleDownloadProgressInfo: {
    section: '5.3.5',
    path: '/gsma/rsp2/es2plus/handleDownloadProgressInfo',
    direction: SMDP_TO_OPERATOR,
    request: Type.Object({
      header: RequestHeader,
      eid: Type.Optional(EidOfEuicc),
      iccid: Iccid,
      profileType: Type.String({ maxLength: 200 }),
      timestamp: Type.String({ description: 'YYYY-MM-DDThh:mm:ssTZD' }),
      notificationPointId: Type.Integer(),
      notificationPointStatus: FunctionExecutionStatus,
      resultData: Type.Optional(
        Type.String({
          description:
            'base64 of ProfileInstallationResult (§2.5.6), as the eUICC has signed it; of its data alone from others',
        }),
      ),
    }),
    response: Nothing,
  },
} as const satisfies Record<string, Es2PlusFunction>;

interface Es2PlusFunction {
  /** Section of SGP.22. */
  section: string;
  path: string;
  direction: typeof OPERATOR_TO_SMDP | typeof SMDP_TO_OPERATOR;
  request: TSchema;
  response: TSchema;
}

type Functions = typeof functions;
export type FunctionName = keyof Functions;
export type Es2PlusRequest<Name extends keyof Functions> = Static<Functions[Name]['request']>;
export type Es2PlusResponse<Name extends keyof Functions> = Static<Functions[Name]['response']>;

/** A request whose header names only the call: the same when it is repeated (§5.2.6). */
export type Es2PlusCall<Name extends FunctionName> = Omit<Es2PlusRequest<Name>, 'header'> & {
  header: Pick<RequestHeader, 'functionCallIdentifier'>;
};

type FunctionsFrom<Direction> = {
  [Name in keyof Functions as Functions[Name]['direction'] extends Direction ? Name : never]: (
    request: Es2PlusRequest<Name>,
  ) => Promise<Es2PlusResponse<Name>>;
};

/** The functions of an SM-DP+ for operators. Each throws `FunctionExecutionError` if refused. */
export type SmdpFunctions = FunctionsFrom<typeof OPERATOR_TO_SMDP>;
/** The functions of an operator for the SM-DP+. */
export type OperatorFunctions = FunctionsFrom<typeof SMDP_TO_OPERATOR>;
