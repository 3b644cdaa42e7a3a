// The page at /docs, a viewer for the OpenAPI document with our name, icon and colours.
import type { FastifySwaggerUiOptions } from '@fastify/swagger-ui';

/** The page loads nothing from other servers. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; connect-src 'self'; base-uri 'self'; frame-ancestors 'none'";

/** The console's icon. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#3450c8" d="M8 2h11l7 7v17a4 4 0 0 1-4 4H8a4 4 ' +
  '0 0 1-4-4V6a4 4 0 0 1 4-4Z"/><path fill="none" stroke="#fff" stroke-width="2" d="M10 14h12v11H10zM10 19.500h4m4 0h4M16 ' +
  '14v3m0 5v3"/></svg>\n';

const STYLE = `
body { background: #f7f8fa; }
html.dark-mode, html.dark-mode body, html.dark-mode .swagger-ui { background: #0f1116; }
.simwright { position: sticky; top: 0; z-index: 1; display: flex; gap: 24px; align-items: center;
  padding: 12px 20px; border-bottom: 1px solid #e3e5ea; background: #fff;
  font: 520 14px/20px system-ui, sans-serif; }
.simwright a { display: flex; gap: 8px; align-items: center; color: #5a6170; text-decoration: none;
  white-space: nowrap; }
.simwright a:hover { text-decoration: underline; }
.simwright a:first-child { color: #171a21; font-size: 15px; font-weight: 640; }
html.dark-mode .simwright { border-color: #262b36; background: #161920; }
html.dark-mode .simwright a { color: #9aa2b3; }
html.dark-mode .simwright a:first-child { color: #e8eaf0; }
.swagger-ui .info { margin: 24px 0; }
.swagger-ui .info .title { font-size: 24px; }
.swagger-ui .scheme-container { padding: 16px 0; box-shadow: none; background: none; }
`;

/** The page header; light or dark as set in the console, otherwise as the system prefers. */
const SCRIPT = `
const dark = matchMedia('(prefers-color-scheme: dark)');
function paint() {
  let theme = null;
  try { theme = localStorage.getItem('simwright.theme'); } catch {}
  document.documentElement.classList.toggle('dark-mode', theme ? theme === 'dark' : dark.matches);
}
dark.addEventListener('change', paint);
paint();
const head = document.createElement('header');
head.className = 'simwright';
for (const [text, href] of [['Simwright', '/console/'], ['Console', '/console/'], ['OpenAPI', '/openapi.json']]) {
  const link = document.createElement('a');
  link.href = href;
  link.append(text);
  head.append(link);
}
const icon = new Image(20, 20);
icon.src = document.querySelector('link[rel=icon]').href;
icon.alt = '';
head.firstChild.prepend(icon);
document.body.prepend(head);
`;

export const docsPage: FastifySwaggerUiOptions = {
  routePrefix: '/docs',
  uiConfig: {
    deepLinking: true,
    // All operations at once would take seconds to appear.
    docExpansion: 'none',
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    // Without the top bar of the viewer's vendor.
    layout: 'BaseLayout',
  },
  staticCSP: POLICY,
  theme: {
    title: 'Simwright API',
    favicon: [
      { filename: 'icon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: ICON },
    ],
    css: [{ filename: 'simwright.css', content: STYLE }],
    js: [{ filename: 'simwright.js', content: SCRIPT }],
  },
};
