// ES2+ (SGP.22 §5.3): what an operator may ask of an SM-DP+. The reservation speaks to the built-in
// SM-DP+ and to a rented one through these functions alone.

/** §5.3: names the call, so that the same call made twice has one effect. */
export interface FunctionCall {
  functionRequesterIdentifier: string;
  functionCallIdentifier: string;
}

export interface DownloadOrderRequest extends FunctionCall {
  eid?: string;
  iccid?: string;
  profileType?: string;
}

export interface ConfirmOrderRequest extends FunctionCall {
  iccid: string;
  eid?: string;
  /** Absent: the SM-DP+ makes one. Empty: the profile waits for its EID at the default SM-DP+. */
  matchingId?: string;
  /** Asked of the user before the download. */
  confirmationCode?: string;
  releaseFlag: boolean;
}

export interface ConfirmOrderResponse {
  matchingId: string;
  eid?: string;
  smdpAddress: string;
}

export interface CancelOrderRequest extends FunctionCall {
  iccid: string;
  eid?: string;
  matchingId?: string;
  finalProfileStatusIndicator: 'Available' | 'Unavailable';
}

export interface ReleaseProfileRequest extends FunctionCall {
  iccid: string;
}

/** Each function throws `FunctionExecutionError` (`rsp/`) when the SM-DP+ refuses. */
export interface Es2Plus {
  /** §5.3.1 */
  downloadOrder(request: DownloadOrderRequest): Promise<{ iccid: string }>;
  /** §5.3.2 */
  confirmOrder(request: ConfirmOrderRequest): Promise<ConfirmOrderResponse>;
  /** §5.3.3 */
  cancelOrder(request: CancelOrderRequest): Promise<void>;
  /** §5.3.4 */
  releaseProfile(request: ReleaseProfileRequest): Promise<void>;
}
