import { renderSVG } from 'uqr';

/** The QR code of a text, drawn in the browser: that of a code that was just replaced cannot come from a cache. */
export function QrCode({ text, what, size = 200 }: { text: string; what: string; size?: number }) {
  const svg = renderSVG(text, { ecc: 'M', border: 4 });
  return (
    <img
      class="qr"
      src={`data:image/svg+xml,${encodeURIComponent(svg)}`}
      alt={`QR code of ${what}`}
      width={size}
      height={size}
    />
  );
}
