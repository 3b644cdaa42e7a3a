import { useState } from 'preact/hooks';
import { withQuery } from '../api.ts';
import { Dialog, useOpenDialog } from '../components/dialog.tsx';

/** Says what is in the report for the maker of a device, and lets its user download it. */
export function ReportDialog({
  path,
  onClose,
}: {
  /** Of the profile, in the API. */
  path: string;
  onClose: () => void;
}) {
  const dialog = useOpenDialog();
  const [codes, setCodes] = useState(false);
  return (
    <Dialog title="Report for the device maker" dialog={dialog} onClose={onClose}>
      <p>
        One file to send to the maker of the device or of its eUICC: the history, every message
        between device and server, decoded and as bytes, and the certificates of both sides.
      </p>
      <p>
        It has no keys, confirmation codes or credentials. It does have the EID, the IMEI and the
        network address of the device: personal data, if the device is a person’s.
      </p>
      <label class="choice">
        <input
          type="checkbox"
          checked={codes}
          onChange={({ currentTarget }) => setCodes(currentTarget.checked)}
        />
        <span>
          Include the activation code
          <br />
          <span class="muted">
            Otherwise it is replaced by asterisks, and signatures over it can’t be verified.
          </span>
        </span>
      </label>
      <div class="form-actions">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Back
        </button>
        <a
          class="button button-primary"
          href={withQuery(`${path}/Report`, { ActivationCodes: codes ? 'true' : undefined })}
          download
          onClick={() => dialog.current?.close()}
        >
          Download the report
        </a>
      </div>
    </Dialog>
  );
}
