import { Dialog, useOpenDialog } from '../components/dialog.tsx';
import { QrCode } from '../components/qr-code.tsx';
import type { EsimProfile } from '../types.ts';

/** The QR code, large enough to be scanned from across a desk. */
export function QrDialog({
  profile: { activation_code: code },
  onClose,
}: {
  profile: EsimProfile;
  onClose: () => void;
}) {
  const dialog = useOpenDialog();
  return (
    <Dialog title="Scan it with the phone" dialog={dialog} onClose={onClose}>
      <p>
        On an iPhone: Settings, Mobile Service, Add eSIM, Use QR Code. On Android: Settings, Network
        and internet, SIMs, Add eSIM. Or open the camera and point it here.
      </p>
      <QrCode text={`LPA:${code}`} what={`LPA:${code}, large`} size={360} />
    </Dialog>
  );
}
