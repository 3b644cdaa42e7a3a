import { useId, useState } from 'preact/hooks';
import { ActionDialog } from '../components/action-dialog.tsx';
import type { ProblemOf } from '../components/action-dialog.tsx';
import { Field } from '../components/field.tsx';
import { dataUrl } from '../data-url.ts';
import { useAccount } from '../use-account.ts';
import { parametersFor, problemsIn, startOf } from './operation-form.ts';
import type { Asked } from './operation-form.ts';
import { KINDS, kindOf } from './kinds.ts';
import type { Kind, KindField } from './kinds.ts';
import { operationsPath } from './paths.ts';
import type { Euicc, EuiccOperation } from './types.ts';

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
  const [asked, setAsked] = useState<Asked>(() => startOf(begun));
  const account = useAccount();
  const chosen = kindOf(kind);
  const isLeaving =
    kind === 'deleteEim' && asked.EimId.trim() !== '' && asked.EimId === account.value?.eim_id;
  const change = (values: Partial<Asked>) => setAsked({ ...asked, ...values });
  return (
    <ActionDialog
      title={begun.kind === undefined ? 'Ask for an operation' : chosen.title}
      path={operationsPath(euicc.sid)}
      form={{ Kind: kind, ...parametersFor(chosen, asked) }}
      button={begun.kind === undefined ? 'Ask for it' : chosen.title}
      danger={chosen.danger !== undefined}
      fields={chosen.fields}
      check={() => problemsIn(chosen, asked, isLeaving)}
      onDone={onDone}
      onClose={onClose}
    >
      {(problemOf) => (
        <>
          {begun.kind === undefined && <KindChoice value={kind} onChoose={setKind} />}
          <p>{chosen.about}</p>
          {chosen.danger !== undefined && <p class="note note-warn">{chosen.danger}</p>}
          <Fields kind={chosen} euicc={euicc} asked={asked} change={change} problemOf={problemOf} />
          {isLeaving && (
            <label class="choice">
              <input
                type="checkbox"
                checked={asked.isSure}
                aria-invalid={problemOf('isSure') !== undefined}
                onChange={({ currentTarget }) => change({ isSure: currentTarget.checked })}
              />
              <span>
                {asked.EimId} is this eIM: the eUICC shall obey us no longer
                {problemOf('isSure') !== undefined && (
                  <>
                    <br />
                    <span class="field-problem">{problemOf('isSure')}</span>
                  </>
                )}
              </span>
            </label>
          )}
          <p class="muted">
            It is handed to the device when that polls the next time, after what waits already.
            Until then it can be cancelled.
          </p>
        </>
      )}
    </ActionDialog>
  );
}

function KindChoice({ value, onChoose }: { value: string; onChoose: (kind: string) => void }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>What it shall do</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {KINDS.map(({ kind, title }) => (
          <option key={kind} value={kind}>
            {title}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FieldsProps {
  kind: Kind;
  euicc: Euicc;
  asked: Asked;
  change: (values: Partial<Asked>) => void;
  problemOf: ProblemOf;
}

function Fields({ kind, euicc, asked, change, problemOf }: FieldsProps) {
  const has = (field: KindField) => kind.fields.includes(field);
  const field = (name: 'Iccid' | 'ActivationCode' | 'Address' | 'EimId') => ({
    name,
    value: asked[name],
    onInput: (value: string) => change({ [name]: value }),
    problem: problemOf(name),
    mono: true,
  });
  const canGoBack = has('Rollback') && (!has('Enable') || asked.Enable);
  return (
    <>
      {has('Iccid') && <IccidField kind={kind.kind} euicc={euicc} {...field('Iccid')} />}
      {has('ActivationCode') && (
        <Field
          label="Activation code"
          placeholder="LPA:1$smdp.example.com$MATCHING-ID"
          help="Of a profile that this eIM can reach. For a new profile, order it for the EID instead."
          {...field('ActivationCode')}
        />
      )}
      {has('Address') && (
        <Field
          label="SM-DP+ (optional)"
          placeholder="smdp.example.com"
          help="Empty: it shall have none."
          {...field('Address')}
        />
      )}
      {has('EimId') && (
        <Field
          label="eimId"
          placeholder="eim.example.com"
          help="As the eUICC knows it: list its eIMs to see."
          {...field('EimId')}
        />
      )}
      {has('Configuration') && (
        <ConfigurationField
          value={asked.Configuration}
          onInput={(Configuration) => change({ Configuration })}
          problem={problemOf('Configuration')}
        />
      )}
      {has('Enable') && (
        <Check
          label="Enable it then"
          about="Otherwise it is installed, and waits."
          checked={asked.Enable}
          onCheck={(Enable) => change({ Enable })}
        />
      )}
      {canGoBack && (
        <Check
          label="Go back if there is no connection"
          about="The device returns by itself to the profile that it uses now."
          checked={asked.Rollback}
          onCheck={(Rollback) => change({ Rollback })}
        />
      )}
    </>
  );
}

function Check({
  label,
  about,
  checked,
  onCheck,
}: {
  label: string;
  about: string;
  checked: boolean;
  onCheck: (checked: boolean) => void;
}) {
  return (
    <label class="choice">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ currentTarget }) => onCheck(currentTarget.checked)}
      />
      <span>
        {label}
        <br />
        <span class="muted">{about}</span>
      </span>
    </label>
  );
}

/** A profile that is on the eUICC, as far as that is known; otherwise any. */
function IccidField({
  kind,
  euicc: { profiles },
  ...field
}: {
  kind: string;
  euicc: Euicc;
  name: string;
  value: string;
  onInput: (value: string) => void;
  problem: string | undefined;
  mono: boolean;
}) {
  const id = useId();
  const state = { enable: 'disabled', delete: 'disabled', disable: 'enabled' }[kind];
  const fitting = profiles?.filter((profile) => state === undefined || profile.state === state);
  const known = fitting?.map(({ iccid }) => iccid) ?? [];
  const isKnown = field.value === '' || known.includes(field.value);
  const [isOther, setOther] = useState(!isKnown);
  if (fitting === undefined || fitting.length === 0 || isOther) {
    return <Field label="ICCID of the profile" help="19 or 20 digits." {...field} />;
  }
  return (
    <div class="field">
      <label for={id}>Profile</label>
      <select
        id={id}
        value={field.value}
        aria-invalid={field.problem !== undefined}
        aria-describedby={field.problem === undefined ? undefined : `${id}-problem`}
        onChange={({ currentTarget: { value } }) => {
          setOther(value === 'other');
          field.onInput(value === 'other' ? '' : value);
        }}
      >
        <option value="">Choose one</option>
        {fitting.map(({ iccid, name, nickname }) => (
          <option key={iccid} value={iccid}>
            {[iccid, nickname || name].filter(Boolean).join(' · ')}
          </option>
        ))}
        <option value="other">Another one…</option>
      </select>
      {field.problem !== undefined && (
        <p class="field-problem" id={`${id}-problem`}>
          {field.problem}
        </p>
      )}
    </div>
  );
}

/** The onboarding file of another eIM, chosen, or pasted in base64. */
function ConfigurationField({
  value,
  onInput,
  problem,
}: {
  value: string;
  onInput: (value: string) => void;
  problem: string | undefined;
}) {
  const id = useId();
  return (
    <>
      <div class="field">
        <label for={id}>Onboarding file of the other eIM</label>
        <input
          id={id}
          type="file"
          onChange={({ currentTarget: { files } }) => {
            if (files?.[0] !== undefined) void base64Of(files[0]).then(onInput);
          }}
        />
      </div>
      <Field
        label="Or its base64"
        name="Configuration"
        value={value}
        onInput={onInput}
        help="EimConfigurationData, or AddInitialEimRequest with one."
        problem={problem}
        mono
      />
    </>
  );
}

const base64Of = async (file: Blob) => (await dataUrl(file)).split(',')[1] ?? '';
