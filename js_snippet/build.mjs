/**
 * Builds the tag's pieces: each source becomes one minified file of built/, which the server joins.
 * The pieces share one function's scope, and so their short names. Properties that begin with `_`
 * are shortened too; all others are heard of outside.
 *
 *   node build.mjs            writes built/
 *   node build.mjs --check    compares it, and fails if a piece is not what its source says
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { minify } from 'terser';
import ts from 'typescript';

const CORE = ['core', 'consent', 'outbox', 'transport', 'ids'];
const list = (folder) =>
  readdirSync(folder).filter((name) => name.endsWith('.js')).sort()
    .map((name) => `${folder}/${name}`.replace(/^\.\/|\.js$/g, ''));
const shared = list('.').filter((name) => ![...CORE, 'loader', 'start'].includes(name));
const PIECES = [...CORE, ...shared, ...list('cmps'), ...list('features'), ...list('shims'), 'start'];

/** What only helps people is left out: `const`, which tsc has checked, is `let`. */
const source = (name) => readFileSync(`${name}.js`, 'utf8').replace(/\bconst\b/g, 'let');

/** How many names a piece has at its top. */
function declared(code) {
  const inside = ({ name, elements }) => (elements || name.elements)?.reduce((sum, one) => sum + inside(one), 0) ?? 1;
  return ts.createSourceFile('piece.js', code, ts.ScriptTarget.Latest).statements
    .flatMap((statement) => statement.declarationList?.declarations || [])
    .reduce((sum, one) => sum + inside(one), 0);
}

/** The nth short name: in the order of letters with which the pieces compress best, as trials found. */
function letters(n) {
  const [first, later] = ['eitoarnfpldygbcm_PsSCOhDFxUvuIMRTkAEqLwXYGVQzJWHNBZKj', '0123456789'];
  const rest = n - first.length;
  return rest < 0 ? first[n] : first[rest % first.length] + (first + later)[Math.floor(rest / first.length)];
}

/**
 * All pieces minified as one script, so that a name is the same in each and no other's, and cut
 * where the marks stand: nothing is moved across a `debugger`. Nothing at the top is taken out because no piece uses it here.
 * `config` is `$` there.
 */
async function pieces() {
  const whole = PIECES.map((name) => 'debugger;' + source(name));
  const { code } = await minify(whole.join(''), {
    ecma: 2020,
    compress: {
      passes: 5, drop_debugger: false, conditionals: false, unsafe_arrows: true, unsafe: true,
      global_defs: { '@config': '$' },
    },
    mangle: { toplevel: true, reserved: ['$'], nth_identifier: { get: letters }, properties: { regex: /^_/ } },
    format: { ascii_only: true },
  });
  if (code.includes('config.')) throw new Error('terser leaves `config` where it is assigned to');
  const [, ...cut] = code.split(/debugger;?/);
  if (cut.length !== PIECES.length) throw new Error('a piece was merged into its neighbour');
  const robbed = PIECES.find((name, number) => declared(source(name)) !== declared(cut[number]));
  if (robbed) throw new Error(`${robbed}: a name went to another piece; a \`let\` at its beginning needs a value`);
  return PIECES.map((name, number) => [name, cut[number]]);
}

/** The snippet is by itself: it is pasted into pages. */
async function loader() {
  const { code } = await minify(readFileSync('loader.js', 'utf8'), {
    ecma: 5,
    format: { ascii_only: true },
  });
  return code;
}

const built = new Map([['loader', await loader()], ...(await pieces())]);

if (process.argv.includes('--check')) {
  const folders = ['built', 'built/cmps', 'built/features', 'built/shims'];
  const known = folders.flatMap(list).map((name) => name.slice(6));
  const wrong = [...built].filter(([name, code]) => {
    try {
      return readFileSync(`built/${name}.js`, 'utf8') !== code + '\n';
    } catch {
      return true;
    }
  }).map(([name]) => name);
  wrong.push(...known.filter((name) => !built.has(name)));
  if (wrong.length) {
    console.error(`built/ is not what the sources say (${wrong.join(', ')}): make script`);
    process.exit(1);
  }
} else {
  rmSync('built', { recursive: true, force: true });
  for (const folder of ['cmps', 'features', 'shims']) mkdirSync(`built/${folder}`, { recursive: true });
  for (const [name, code] of built) writeFileSync(`built/${name}.js`, code + '\n');
}
