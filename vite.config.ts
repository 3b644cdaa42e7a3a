// The build of the web console, and its development server.
import { join } from 'node:path';
import { defineConfig } from 'vite';

/** Where `npm start` serves the API, for `npm run dev:console`. */
const SERVER = 'http://127.0.0.1:3000';

export default defineConfig({
  root: join(import.meta.dirname, 'src/console/app'),
  base: '/console/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    outDir: join(import.meta.dirname, 'dist/console/app'),
    emptyOutDir: true,
    // What the polyfill does, browsers of this target do by themselves.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // What every page needs comes in one file, which compresses better than one for each module that pages share.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'shared', tags: ['$initial'] }] } },
    },
  },
  server: {
    proxy: { '/v1': SERVER, '/docs': SERVER, '/openapi.json': SERVER, '/console/session': SERVER },
  },
});
