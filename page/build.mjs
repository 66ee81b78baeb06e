// Makes one HTML file of the page, which asks nothing of anybody but the dispatcher that serves it.
//
//   node build.mjs OUT
//
// The packages are those of the working directory's node_modules: package-lock.json names them.
import {createHash} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(process.cwd(), 'node_modules');
const {build} = createRequire(join(packages, 'x'))('esbuild');
const out = process.argv[2];
if (!out) throw new Error('usage: node build.mjs OUT');

async function bundled(entry) {
  const result = await build({
    entryPoints: [join(here, 'src', entry)],
    bundle: true,
    charset: 'utf8',
    format: 'iife',
    legalComments: 'inline',
    minify: true,
    nodePaths: [packages],
    target: ['chrome109', 'firefox115', 'safari16.4'],
    write: false,
  });
  return result.outputFiles[0].text.trim();
}

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const [script, style, frame] = await Promise.all([bundled('main.js'), bundled('style.css'), readFile(join(here, 'index.html'), 'utf8')]);
// A text from outside that became markup would neither run nor load anything.
const policy = [
  "default-src 'none'", "connect-src 'self'", 'img-src data:', `script-src ${hash(script)}`, `style-src ${hash(style)}`,
  "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
].join('; ');
const html = frame
  .replace('<meta charset="utf-8">', (charset) => `${charset}\n<meta http-equiv="Content-Security-Policy" content="${policy}">`)
  .replace('</head>', (end) => `<style>${style}</style>\n${end}`)
  .replace('</body>', (end) => `<script>${script}</script>\n${end}`);
await writeFile(out, html);
