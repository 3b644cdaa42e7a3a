import { Choices } from '../components/choices.tsx';
import { Field } from '../components/field.tsx';
import type { BulkForm, BulkPartProps } from './bulk-form.ts';

/** Which of its profiles each eUICC does something with. */
export function BulkProfile({ form, change, problemOf }: BulkPartProps) {
  const { asked, kind } = form;
  const states = {
    enable: ['disabled'],
    disable: ['enabled'],
    delete: ['disabled'],
  }[kind] ?? ['disabled', 'enabled'];
  return (
    <>
      <Choices
        legend="Which profile of each?"
        value={form.profile}
        onChoose={(profile) => change({ profile })}
        choices={[
          ...states.map((state) => ({
            value: state as BulkForm['profile'],
            label: `The only one that is ${state}`,
            about: 'As last reported. An eUICC with several, or none, is refused.',
          })),
          { value: 'iccid', label: 'The one with this ICCID' },
        ]}
      />
      {form.profile === 'iccid' && (
        <Field
          label="ICCID of the profile"
          name="Iccid"
          value={asked.Iccid}
          onInput={(Iccid) => change({ asked: { ...asked, Iccid } })}
          problem={problemOf('Iccid')}
          mono
        />
      )}
    </>
  );
}
