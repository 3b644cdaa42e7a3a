import { useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { api } from '../api.ts';
import { Field } from '../components/field.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import { useMay } from '../session.ts';
import type { Brand } from '../types.ts';
import { BrandPreview } from './brand-preview.tsx';
import { LogoField } from './logo-field.tsx';

/** Of the buttons, without a brand. */
const ACCENT = '#3450c8';

/** The texts of a brand as the form has them, by parameter; empty: none. */
interface Texts {
  Name: string;
  AccentColor: string;
  SupportText: string;
  SupportUrl: string;
}

const textsOf = (brand: Brand): Texts => ({
  Name: brand.name ?? '',
  AccentColor: brand.accent_color ?? '',
  SupportText: brand.support_text ?? '',
  SupportUrl: brand.support_url ?? '',
});

/** How the install pages of the account look, with a preview of what is in the form. */
export function BrandForm({ brand, onSave }: { brand: Brand; onSave: (brand: Brand) => void }) {
  const mayChange = useMay('full');
  const [texts, setTexts] = useState(textsOf(brand));
  const [logo, setLogo] = useState(brand.logo);
  const [problem, setProblem] = useState<ApiProblem>();
  const [busy, setBusy] = useState(false);

  const saved = textsOf(brand);
  const names = Object.keys(texts) as (keyof Texts)[];
  const isChanged = logo !== brand.logo || names.some((name) => texts[name] !== saved[name]);

  function reset(to: Brand): void {
    setTexts(textsOf(to));
    setLogo(to.logo);
    setProblem(undefined);
  }

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const now = await api.post<Brand>('/v1/Account/Brand', {
        ...texts,
        Logo: logo === brand.logo ? undefined : (logo ?? ''),
      });
      reset(now);
      onSave(now);
      announce('Brand saved');
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  }

  const field = (name: keyof Texts) => ({
    name,
    value: texts[name],
    onInput: (value: string) => setTexts({ ...texts, [name]: value }),
    problem: problem?.parameter === name ? problem.reason : undefined,
  });
  const isAtField = [...names, 'Logo'].some((name) => name === problem?.parameter);
  const accent = /^#[0-9a-f]{6}$/i.test(texts.AccentColor) ? texts.AccentColor : ACCENT;
  return (
    <section class="card brand-card" aria-labelledby="brand">
      <form class="form" onSubmit={(event) => void save(event)} noValidate>
        <h2 id="brand">Install pages</h2>
        <p class="muted">
          How the pages look that people open with an install link. What is empty is left out.
        </p>
        <fieldset class="form" disabled={!mayChange}>
          <Field label="Name" help="At most 80 characters." {...field('Name')} />
          <LogoField
            logo={logo}
            onChoose={setLogo}
            problem={problem?.parameter === 'Logo' ? problem.reason : undefined}
          />
          <div class="colour">
            <Field
              label="Colour of the button"
              placeholder={ACCENT}
              mono
              {...field('AccentColor')}
            />
            <input
              type="color"
              aria-label="Pick the colour of the button"
              value={accent}
              onInput={({ currentTarget }) =>
                setTexts({ ...texts, AccentColor: currentTarget.value })
              }
            />
          </div>
          <Field
            label="Whom to ask"
            placeholder="Questions? Write to us"
            help="At the foot of the page."
            {...field('SupportText')}
          />
          <Field
            label="Where that leads"
            placeholder="mailto:help@example.com"
            help="https://…, mailto:… or tel:…"
            mono
            {...field('SupportUrl')}
          />
        </fieldset>
        {problem !== undefined && !isAtField && <Problem problem={problem} />}
        {mayChange && (
          <div class="form-actions form-actions-start">
            <button type="submit" class="button button-primary" disabled={busy || !isChanged}>
              Save
            </button>
            {isChanged && (
              <button type="button" class="button" onClick={() => reset(brand)}>
                Undo
              </button>
            )}
          </div>
        )}
      </form>
      <BrandPreview
        name={texts.Name}
        logo={logo}
        accent={accent}
        supportText={texts.SupportText}
        supportUrl={texts.SupportUrl}
      />
    </section>
  );
}
