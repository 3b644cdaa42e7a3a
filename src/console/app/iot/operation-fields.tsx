// The fields of an operation, by its kind.
import { useId, useState } from 'preact/hooks';
import type { ProblemOf } from '../components/action-dialog.tsx';
import { Choices } from '../components/choices.tsx';
import { Field } from '../components/field.tsx';
import { SelectField } from '../components/select-field.tsx';
import { dataUrl } from '../data-url.ts';
import type { Kind, KindField } from './kinds.ts';
import type { Asked } from './operation-form.ts';
import type { Euicc } from './types.ts';

export function KindChoice({
  kinds,
  value,
  onChoose,
}: {
  kinds: readonly Kind[];
  value: string;
  onChoose: (kind: string) => void;
}) {
  return (
    <SelectField
      label="What it shall do"
      value={value}
      onChoose={onChoose}
      options={kinds.map(({ kind, title }) => ({ value: kind, title }))}
    />
  );
}

interface FieldsProps {
  kind: Kind;
  /** Undefined: they are many, each with its profiles. */
  euicc?: Euicc | undefined;
  /** Whether it is one of several commands. */
  inPackage?: boolean;
  asked: Asked;
  change: (values: Partial<Asked>) => void;
  problemOf: ProblemOf;
}

export function OperationFields({
  kind,
  euicc,
  inPackage = false,
  asked,
  change,
  problemOf,
}: FieldsProps) {
  const has = (field: KindField) => kind.fields.includes(field);
  const field = (name: 'Iccid' | 'Address' | 'EimId' | 'SmdpOid') => ({
    name,
    value: asked[name],
    onInput: (value: string) => change({ [name]: value }),
    problem: problemOf(name),
    mono: true,
  });
  const canGoBack = has('Rollback') && (!has('Enable') || asked.Enable);
  return (
    <>
      {has('Iccid') && euicc !== undefined && (
        <IccidField kind={kind.kind} euicc={euicc} {...field('Iccid')} />
      )}
      {has('Iccid') && euicc === undefined && inPackage && (
        <Field label="ICCID of the profile" help="19 or 20 digits." {...field('Iccid')} />
      )}
      {has('ActivationCode') && euicc !== undefined && (
        <SourceFields asked={asked} change={change} problemOf={problemOf} />
      )}
      {has('ImmediateEnable') && (
        <Check
          label="Enable profiles right after their installation"
          about="Otherwise only the eIM enables them."
          checked={asked.ImmediateEnable}
          onCheck={(ImmediateEnable) => change({ ImmediateEnable })}
        />
      )}
      {has('Address') && (
        <Field
          label="SM-DP+ (optional)"
          placeholder="smdp.example.com"
          help={
            has('SmdpOid')
              ? 'Only its profiles. Empty: those of any.'
              : 'Empty: it shall have none.'
          }
          {...field('Address')}
        />
      )}
      {has('SmdpOid') && (
        <Field
          label="OID of the SM-DP+ (optional)"
          placeholder="2.999.10"
          help="Only its profiles."
          {...field('SmdpOid')}
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

export function Check({
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
  const state = { enable: 'disabled', delete: 'disabled', disable: 'enabled' }[kind];
  const fitting = profiles?.filter((profile) => state === undefined || profile.state === state);
  const known = fitting?.map(({ iccid }) => iccid) ?? [];
  const isKnown = field.value === '' || known.includes(field.value);
  const [isOther, setOther] = useState(!isKnown);
  if (fitting === undefined || fitting.length === 0 || isOther) {
    return <Field label="ICCID of the profile" help="19 or 20 digits." {...field} />;
  }
  return (
    <SelectField
      label="Profile"
      value={field.value}
      onChoose={(value) => {
        setOther(value === 'other');
        field.onInput(value === 'other' ? '' : value);
      }}
      options={[
        { value: '', title: 'Choose one' },
        ...fitting.map(({ iccid, name, nickname }) => ({
          value: iccid,
          title: [iccid, nickname || name].filter(Boolean).join(' · '),
        })),
        { value: 'other', title: 'Another one…' },
      ]}
      problem={field.problem}
    />
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

/** Where a download begins. */
function SourceFields({
  asked,
  change,
  problemOf,
}: Pick<FieldsProps, 'asked' | 'change' | 'problemOf'>) {
  const field = (name: 'ActivationCode' | 'SmdsAddress' | 'ConfirmationCode') => ({
    name,
    value: asked[name],
    onInput: (value: string) => change({ [name]: value }),
    problem: problemOf(name),
    mono: true,
  });
  return (
    <>
      <Choices
        legend="Which profile?"
        value={asked.from}
        onChoose={(from) => change({ from })}
        choices={[
          { value: 'code', label: 'That of an activation code' },
          { value: 'default', label: 'What waits at the default SM-DP+ of the eUICC' },
          { value: 'smds', label: 'What waits at an SM-DS' },
        ]}
      />
      {asked.from === 'code' && (
        <Field
          label="Activation code"
          placeholder="LPA:1$smdp.example.com$MATCHING-ID"
          help="For a new profile, order it for the EID instead."
          {...field('ActivationCode')}
        />
      )}
      {asked.from === 'smds' && (
        <Field
          label="SM-DS (optional)"
          placeholder="smds.example.com"
          help="Empty: the one that the eUICC knows."
          {...field('SmdsAddress')}
        />
      )}
      <Field
        label="Confirmation code (optional)"
        help="The eIM gives the device a hash of it when the SM-DP+ asks. It is never shown."
        {...field('ConfirmationCode')}
      />
    </>
  );
}
