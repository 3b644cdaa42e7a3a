// Examples of the requests and responses of ES2+.
import type { Es2PlusRequest, FunctionName } from './functions.ts';
import { notificationPoints } from './notification-points.ts';

const HEADER = {
  functionRequesterIdentifier: 'mno.example.com',
  functionCallIdentifier: '0d4f4d2c-7f0a-4f33-9d5e-0a8f7a1c1f20',
};
const SUCCESS = { header: { functionExecutionStatus: { status: 'Executed-Success' } } };
const ICCID = '8999901000000000013';
const EID = '89049032000000000000000000000102';
const MATCHING_ID = '7EXRN-B8TR2-PWL7L-93BJU-AXSWY';

/** A response of those that have one. */
export const examples: {
  [Name in FunctionName]: { request: Es2PlusRequest<Name>; response?: object };
} = {
  downloadOrder: {
    request: { header: HEADER, eid: EID, profileType: 'default' },
    response: { ...SUCCESS, iccid: ICCID },
  },
  confirmOrder: {
    request: { header: HEADER, iccid: ICCID, eid: EID, releaseFlag: true },
    response: { ...SUCCESS, matchingId: MATCHING_ID, eid: EID, smdpAddress: 'esim.example.com' },
  },
  cancelOrder: {
    request: {
      header: HEADER,
      iccid: ICCID,
      eid: EID,
      matchingId: MATCHING_ID,
      finalProfileStatusIndicator: 'Available',
    },
    response: SUCCESS,
  },
  releaseProfile: { request: { header: HEADER, iccid: ICCID }, response: SUCCESS },
  handleDownloadProgressInfo: {
    request: {
      header: { ...HEADER, functionRequesterIdentifier: 'esim.example.com' },
      eid: EID,
      iccid: ICCID,
      profileType: 'default',
      timestamp: '2026-11-23T15:07:59Z',
      notificationPointId: notificationPoints.bppDownload,
      notificationPointStatus: { status: 'Executed-Success' },
    },
  },
};
