// What a person, or an app, needs to install an eSIM Profile: the parts of its activation code (SGP.22 §4.1), and links that
// open a phone's own installer.
import { parseActivationCode } from '../../rsp/activation-code.ts';
import { qrPayload } from '../qr/qr-code.ts';

export interface Activation {
  /** `LPA:` and the activation code, as in the QR code. Windows 11 24H2 and some LPAs also open it as a link. */
  lpa: string;
  smdpAddress: string;
  /** Phones call it the activation code. */
  matchingId: string;
  confirmationCodeRequired: boolean;
  /** For iPhones and iPads from iOS 17.4. */
  appleUrl: string;
  /** For Android: a convention that resellers and many phones follow, which Google does not document. */
  androidUrl: string;
}

/** Both take the `LPA:` string as a QR code would hold it. */
const APPLE = 'https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=';
const ANDROID = 'https://esimsetup.android.com/esim_qrcode_provisioning?carddata=';

/** @param activationCode without `LPA:`, as in an eSIM Profile */
export function activationOf(activationCode: string): Activation {
  const lpa = qrPayload(activationCode);
  const code = parseActivationCode(activationCode);
  if (code === undefined) throw new RangeError('expected an activation code');
  const carddata = encodeURIComponent(lpa);
  return {
    lpa,
    smdpAddress: code.smdpAddress,
    matchingId: code.matchingId,
    confirmationCodeRequired: code.confirmationCodeRequired,
    appleUrl: APPLE + carddata,
    androidUrl: ANDROID + carddata,
  };
}
