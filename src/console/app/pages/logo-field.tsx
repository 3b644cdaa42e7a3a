import { useId, useRef, useState } from 'preact/hooks';
import { fitLogo, LogoProblem } from '../logo.ts';

/** Chooses, replaces or removes the logo of a brand. */
export function LogoField({
  logo,
  onChoose,
  problem,
}: {
  /** A `data:` URL. */
  logo: string | null;
  onChoose: (logo: string | null) => void;
  problem: string | undefined;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<string>();

  async function choose(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    setWrong(undefined);
    try {
      onChoose(await fitLogo(file));
    } catch (error) {
      if (!(error instanceof LogoProblem)) throw error;
      setWrong(error.message);
    }
    // So that the same file can be chosen again.
    if (input.current !== null) input.current.value = '';
  }

  const said = wrong ?? problem;
  return (
    <div class="field">
      <label for={id}>Logo</label>
      <div class="logo-field">
        {logo !== null && <img class="logo-shown" src={logo} alt="The logo" />}
        <input
          ref={input}
          id={id}
          type="file"
          accept="image/png,image/jpeg"
          aria-invalid={said !== undefined}
          aria-describedby={`${id}-help`}
          onChange={({ currentTarget }) => void choose(currentTarget.files?.[0])}
        />
        {logo !== null && (
          <button type="button" class="button-quiet" onClick={() => onChoose(null)}>
            Remove the logo
          </button>
        )}
      </div>
      <p class={said === undefined ? 'muted' : 'field-problem'} id={`${id}-help`}>
        {said ??
          'PNG or JPEG, shown at most 220 by 48 pixels large; a larger file is made smaller.'}
      </p>
    </div>
  );
}
