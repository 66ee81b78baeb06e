// Holds the manifests of deploy/kubernetes against the published schemas of what they are.
//
//   kubernetes.mjs FOLDER
//
// The packages are those of the working directory's node_modules: package-lock.json names them.
//
// Twice: by the schemas' own validators, which know formats and what must be there, and by TypeScript's types, which know
// that nothing else may be there: a probe whose name is misspelt is no probe, and a schema of Kubernetes lets it pass.
// Exits 0 when all is well, else 1, and says what is not.
import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "node_modules", "x"));
const yaml = require("js-yaml");
const ts = require("typescript");

// The module that describes a kind. Kinds without a group are in a folder of their version alone.
function moduleOf({ apiVersion, kind }) {
  const family = apiVersion.startsWith("monitoring.coreos.com/") ? "@kubernetes-models/prometheus-operator" : "kubernetes-models";
  return `${family}/${apiVersion}/${kind}`;
}

function problemsByValidator(manifest) {
  try {
    new (require(moduleOf(manifest))[manifest.kind])(manifest).validate();
    return [];
  } catch (error) {
    return [error.message];
  }
}

function problemsByType(name, manifest) {
  const file = join(process.cwd(), `${name}.ts`);
  const { kind } = manifest;
  const source = `import { I${kind} } from ${JSON.stringify(moduleOf(manifest))};
export const manifest: I${kind} = ${JSON.stringify(manifest, null, 2)};`;
  const options = { noEmit: true, strict: true, skipLibCheck: true, types: [], module: ts.ModuleKind.CommonJS,
                    moduleResolution: ts.ModuleResolutionKind.Node10, target: ts.ScriptTarget.ES2020 };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (path, ...rest) =>
    path === file ? ts.createSourceFile(path, source, ts.ScriptTarget.ES2020) : read.call(host, path, ...rest);
  const exists = host.fileExists;
  host.fileExists = path => path === file || exists.call(host, path);
  return ts.getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

let failed = false;
function report(name, problems) {
  console.log(`${problems.length === 0 ? "ok" : "WRONG"} ${name}`);
  for (const problem of problems)
    console.log(`   ${problem}`);
  failed ||= problems.length > 0;
}

// What would let everything pass is found out.
const misspelt = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" },
                   spec: { selector: {}, template: { spec: { containers: [{ name: "x", livenesProbe: {} }] } } } };
const incomplete = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" }, spec: { selector: {} } };
report("a misspelt member is noticed", problemsByType("misspelt", misspelt).length > 0 ? [] : ["it was not"]);
report("a missing member is noticed", problemsByValidator(incomplete).length > 0 ? [] : ["it was not"]);

const folder = process.argv[2];
const files = readdirSync(folder).filter(file => file.endsWith(".yaml") && file !== "kustomization.yaml").sort();
for (const file of files)
  for (const manifest of yaml.loadAll(readFileSync(join(folder, file), "utf8")))
    report(file, [...problemsByValidator(manifest), ...problemsByType(file, manifest)]);
const listed = yaml.load(readFileSync(join(folder, "kustomization.yaml"), "utf8")).resources;
report("kustomization.yaml", listed.filter(file => !files.includes(file)).map(file => `there is no ${file}`));
process.exit(failed ? 1 : 0);
