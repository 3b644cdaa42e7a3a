// The refusals of ES2+ by function (§5.2.6, §5.3.1 to §5.3.4), as this SM-DP+ gives them.
import type { StatusCode } from '../rsp/status-codes.ts';
import type { FunctionName } from './functions.ts';

export interface Refusal {
  code: StatusCode;
  /** In a sentence without a full stop. */
  when: string;
}

type Line = [
  subject: StatusCode['subjectCode'],
  reason: StatusCode['reasonCode'],
  when: Refusal['when'],
];

const toRefusals = (lines: Line[]): Refusal[] =>
  lines.map(([subjectCode, reasonCode, when]) => ({ code: { subjectCode, reasonCode }, when }));

const UNKNOWN: Line = [
  '8.2.1',
  '3.9',
  'The account of the operator has no profile with this ICCID',
];
const OTHERS: Line = ['8.2.1', '1.2', 'The profile is under an order of somebody else'];

/** Also those of any function, and of a caller whose certificate is not accepted, with status 403. */
export const REFUSALS: Record<FunctionName | 'any' | 'caller', Refusal[]> = {
  downloadOrder: toRefusals([
    ['1.6', '2.3', 'Neither an ICCID nor a profile type is given'],
    ['8.1.1', '3.10', 'The profile is ordered for another EID'],
    OTHERS,
    ['8.2.1', '3.3', 'The profile is ordered already, with other input'],
    UNKNOWN,
    ['8.2.5', '3.7', 'Nothing of this profile type is left in stock'],
    ['8.2.5', '3.8', 'The ICCID is of another profile type'],
    ['8.2.5', '3.9', 'There is no such profile type'],
  ]),
  confirmOrder: toRefusals([
    ['8.1.1', '2.2', 'An empty MatchingID, or an SM-DS, needs an EID'],
    ['8.1.1', '3.10', 'The profile is ordered for another EID'],
    OTHERS,
    ['8.2.1', '3.3', 'The profile is not ordered, or confirmed already with other input'],
    UNKNOWN,
    [
      '8.2.6',
      '2.1',
      'The MatchingID has characters other than digits, capital letters and hyphens',
    ],
    ['8.2.6', '3.3', 'Another order has this MatchingID'],
    ['8.9', '4.2', 'The SM-DS does not admit this SM-DP+'],
    ['8.9', '5.1', 'The SM-DS cannot be reached'],
  ]),
  cancelOrder: toRefusals([
    OTHERS,
    [
      '8.2.1',
      '3.3',
      'The profile is in stock, or with a device; or the call has ended an order before this one',
    ],
    UNKNOWN,
    ['8.2.1', '3.10', 'The order is for another EID, or for one, and none is given'],
    ['8.2.6', '3.10', 'The order has another MatchingID'],
  ]),
  releaseProfile: toRefusals([OTHERS, ['8.2.1', '3.5', 'The profile is not confirmed'], UNKNOWN]),
  handleDownloadProgressInfo: [],
  any: toRefusals([
    ['1.1', '1.2', 'functionRequesterIdentifier is not the one that the operator must use'],
    ['1.2', '4.2', 'Something went wrong on our side'],
    ['1.2', '4.4', 'The database cannot answer at the moment; try again'],
    ['1.3.1', '2.1', 'The body is not a JSON object, or is too long'],
    ['1.3.2', '3.1', 'X-Admin-Protocol names no version that we share'],
    ['1.6', '2.1', 'A member has another form; the subject is that of the member if it has one'],
    ['1.6', '2.2', 'A member is missing'],
    ['8.1.1', '2.1', 'The EID is not one'],
  ]),
  caller: toRefusals([
    ['1.1', '1.1', 'The client certificate is that of no operator, or there is none'],
    ['1.1', '1.2', 'The operator, or its certificate, was revoked or replaced'],
    ['1.1', '6.1', 'The CA of the certificate is not trusted, or the certificate is not valid yet'],
    ['1.1', '6.3', 'The client certificate has expired'],
  ]),
};
