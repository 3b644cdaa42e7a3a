import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Field } from '../components/field.tsx';
import { doubtOfEid, problemOfEid, withoutSpace } from '../pages/order.ts';
import { EUICCS } from './paths.ts';
import type { Euicc } from './types.ts';

/** Has the eIM manage an eUICC. */
export function RegisterDialog({
  onDone,
  onClose,
}: {
  onDone: (euicc: Euicc) => void;
  onClose: () => void;
}) {
  const [eid, setEid] = useState('');
  const [name, setName] = useState('');
  const [isOld, setOld] = useState(false);
  const [isUnsigned, setUnsigned] = useState(false);
  return (
    <ActionDialog
      title="Register an eUICC"
      path={EUICCS}
      form={{
        Eid: withoutSpace(eid),
        FriendlyName: name.trim() || undefined,
        ResultSignature: isOld ? 'eimSignature' : undefined,
        UnsignedResults: isUnsigned ? 'true' : undefined,
      }}
      button="Register"
      fields={['Eid', 'FriendlyName']}
      check={() => ({ Eid: problemOfEid(eid) })}
      onDone={(euicc) => {
        announce('The eUICC is registered');
        onDone(euicc);
      }}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          <p>The eIM manages it from then on, as soon as its device polls.</p>
          <Field
            label="EID"
            name="eid"
            value={eid}
            onInput={setEid}
            help={doubtOfEid(eid) ?? '32 digits, printed on the eUICC or told by its maker.'}
            problem={problemOf('Eid')}
            mono
            autofocus
          />
          <Field
            label="Name (optional)"
            name="friendly-name"
            value={name}
            onInput={setName}
            placeholder="Pump 7"
            help="By which people know the device. At most 128 characters."
            problem={problemOf('FriendlyName')}
          />
          <Disclosure summary="For particular eUICCs">
            {() => (
              <>
                <label class="choice">
                  <input
                    type="checkbox"
                    checked={isOld}
                    onChange={({ currentTarget }) => setOld(currentTarget.checked)}
                  />
                  <span>
                    It signs results as in SGP.32 v1.0.1
                    <br />
                    <span class="muted">Over the signature of the eIM, not over its token.</span>
                  </span>
                </label>
                <label class="choice">
                  <input
                    type="checkbox"
                    checked={isUnsigned}
                    onChange={({ currentTarget }) => setUnsigned(currentTarget.checked)}
                  />
                  <span>
                    Take results without a signature
                    <br />
                    <span class="muted">
                      Only for IPAs that imitate an IoT eUICC with a consumer one. Anybody who knows
                      the EID can then report what they like.
                    </span>
                  </span>
                </label>
              </>
            )}
          </Disclosure>
        </>
      )}
    </ActionDialog>
  );
}
