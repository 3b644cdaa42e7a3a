import { useState } from 'preact/hooks';
import { ActionDialog } from '../components/action-dialog.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { useAccount } from '../use-account.ts';
import { CallbackFields, newCallbackParameters, problemOfCallback } from './callback-fields.tsx';
import { CommandFields } from './command-fields.tsx';
import { Preview } from './preview.tsx';
import { isLeft, parametersFor, problemsIn, startOf } from './operation-form.ts';
import type { Asked } from './operation-form.ts';
import { KINDS, kindOf } from './kinds.ts';
import { KindChoice, OperationFields } from './operation-fields.tsx';
import { operationsPath } from './paths.ts';
import type { Euicc, EuiccOperation } from './types.ts';
import { whenHanded } from './when-handed.ts';

/** What is known of an operation before its form is filled in. */
export interface Begun {
  kind?: string;
  iccid?: string;
  /** One to ask for again. */
  like?: EuiccOperation;
}

/** Asks an eUICC to do something, with the fields of what was chosen. */
export function OperationDialog({
  euicc,
  begun,
  onDone,
  onClose,
}: {
  euicc: Euicc;
  begun: Begun;
  onDone: (operation: EuiccOperation) => void;
  onClose: () => void;
}) {
  const [kind, setKind] = useState(begun.kind ?? KINDS[0]!.kind);
  const [asked, setAsked] = useState<Asked>(() =>
    startOf({
      iccid: begun.iccid,
      given: begun.like?.parameters ?? {},
      isNew: begun.like === undefined,
    }),
  );
  const account = useAccount();
  const chosen = kindOf(kind);
  const ours = account.value?.eim_id ?? undefined;
  const isLeaving = isLeft(chosen, asked, ours);
  const path = operationsPath(euicc.sid);
  const form = {
    Kind: kind,
    ...parametersFor(chosen, asked),
    ...newCallbackParameters(asked.callback),
  };
  const check = () => ({
    ...problemsIn(chosen, asked, isLeaving),
    CallbackUrl: problemOfCallback(asked.callback),
  });
  const isReady = Object.values(check()).every((problem) => problem === undefined);
  const change = (values: Partial<Asked>) => setAsked({ ...asked, ...values });
  return (
    <ActionDialog
      title={begun.kind === undefined ? 'Ask for an operation' : chosen.title}
      path={path}
      form={form}
      button={begun.kind === undefined ? 'Ask for it' : chosen.title}
      danger={chosen.danger !== undefined}
      fields={[...chosen.fields, 'SmdsAddress', 'ConfirmationCode', 'CallbackUrl']}
      check={check}
      onDone={onDone}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          {begun.kind === undefined && <KindChoice kinds={KINDS} value={kind} onChoose={setKind} />}
          <p>{chosen.about}</p>
          {chosen.danger !== undefined && <p class="note note-warn">{chosen.danger}</p>}
          <OperationFields
            kind={chosen}
            euicc={euicc}
            asked={asked}
            change={change}
            problemOf={problemOf}
          />
          {kind === 'package' && (
            <CommandFields
              commands={asked.Commands}
              onChange={(Commands) => change({ Commands })}
              euicc={euicc}
              problemOf={problemOf}
            />
          )}
          {isLeaving && (
            <label class="choice">
              <input
                type="checkbox"
                checked={asked.isSure}
                aria-invalid={problemOf('isSure') !== undefined}
                onChange={({ currentTarget }) => change({ isSure: currentTarget.checked })}
              />
              <span>
                {ours} is this eIM: the eUICC shall obey us no longer
                {problemOf('isSure') !== undefined && (
                  <>
                    <br />
                    <span class="field-problem">{problemOf('isSure')}</span>
                  </>
                )}
              </span>
            </label>
          )}
          <Disclosure summary="Callbacks">
            {() => (
              <CallbackFields
                value={asked.callback}
                onChange={(callback) => change({ callback })}
                standIn="As the eUICC has it"
                problem={problemOf('CallbackUrl')}
              />
            )}
          </Disclosure>
          {isReady && <Preview key={JSON.stringify(form)} path={path} form={form} />}
          <p class="muted">
            The device is handed it {whenHanded(euicc)}, after what waits already. Until then it can
            be cancelled.
          </p>
        </>
      )}
    </ActionDialog>
  );
}
