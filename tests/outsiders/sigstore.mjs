// Verifies sigstore bundles with npm @sigstore/verify, offline and without anything of Assay's.
//
//   node tests/outsiders/sigstore.mjs TRUSTED_ROOT KEY BUNDLE...
//
// KEY is the signer's public key in PEM. One line per bundle, exit code 1 unless all verify.
// What it does not know: who may sign what, quorums, and the order of a run; `assay verify` does.
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../target/outsiders/', import.meta.url));
const { bundleFromJSON } = require('@sigstore/bundle');
const { TrustedRoot } = require('@sigstore/protobuf-specs');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

// One entry of one log; no certificates and no time stamps, which a station's records do not have.
const THRESHOLDS = { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 };

const [root, key, ...bundles] = process.argv.slice(2);
if (bundles.length === 0) {
  console.error('usage: sigstore.mjs TRUSTED_ROOT KEY BUNDLE...');
  process.exit(2);
}
const spki = createPublicKey(readFileSync(key)).export({ type: 'spki', format: 'der' });
const hint = createHash('sha256').update(spki).digest('base64');
const trust = toTrustMaterial(TrustedRoot.fromJSON(read(root)), { [hint]: { rawBytes: spki } });
const verifier = new Verifier(trust, THRESHOLDS);
process.exitCode = bundles.filter((file) => !verifies(file)).length === 0 ? 0 : 1;

function verifies(file) {
  try {
    verifier.verify(toSignedEntity(bundleFromJSON(read(file))));
    console.log(`verified\t${file}`);
    return true;
  } catch (error) {
    const fields = error.fields ? `: ${error.fields.join(', ')}` : '';
    console.log(`refused\t${file}\t${error.code ?? error.name}: ${error.message}${fields}`);
    return false;
  }
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
