import { inkOn } from '../../../values/colour.ts';
import { Icon } from '../components/icon.tsx';

/** The top of an install page on a phone, as src/install renders it, reduced to what the brand changes. */
export function BrandPreview({
  name,
  logo,
  accent,
  supportText,
  supportUrl,
}: {
  name: string;
  logo: string | null;
  /** `#rrggbb` */
  accent: string;
  supportText: string;
  supportUrl: string;
}) {
  const support = supportText || supportUrl.replace(/^[a-z]+:(?:\/\/)?/i, '');
  return (
    <figure class="preview">
      <figcaption class="muted">Preview</figcaption>
      <div class="preview-phone">
        {logo !== null ? (
          <img class="preview-logo" src={logo} alt={name || 'Your logo'} />
        ) : (
          name !== '' && <p class="preview-name">{name}</p>
        )}
        <p class="preview-title">Install your eSIM</p>
        <p class="muted">
          It takes about two minutes. Keep the device connected to Wi-Fi or another network until it
          is done.
        </p>
        <div class="preview-card">
          <p class="preview-heading">On the device itself</p>
          <span class="preview-button" style={{ background: accent, color: inkOn(accent) }}>
            <Icon name="download" />
            Install on iPhone or iPad
          </span>
          <span class="preview-button">
            <Icon name="download" />
            Install on Android
          </span>
        </div>
        {support !== '' && (
          <p class={supportUrl === '' ? 'preview-support' : 'preview-support preview-link'}>
            {support}
          </p>
        )}
      </div>
    </figure>
  );
}
