// The page that checks a receipt bundle: takes policy and bundle, asks the module, shows its answer.
// It decides nothing: what holds is the module's word. All words stand in the page, as the server wrote
// them. After loading it needs no network. The station's policy is used only when the reader takes it.
const { glue, wasm } = document.querySelector("script[data-glue]").dataset;
// Longer files are not read; the module sets tighter limits and gives its reasons.
const BUNDLE_FILE_BYTES_MAX = 8 * 1024 * 1024;
const POLICY_FILE_BYTES_MAX = 1024 * 1024;
const KEPT = "assay-policy";
const POLICY_PATH = "/policy";

const part = (name) => document.querySelector(`[data-part="${name}"]`);
const words = new Map(
  [...part("words").content.children].map((line) => [line.dataset.word, line.textContent]),
);
const say = (word, values = {}) =>
  words.get(word).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
const element = (name, className, ...children) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
};

const state = { bundle: null, offered: null, kept: readKept() };
let module;

start().catch((error) => {
  part("failed").hidden = false;
  console.error(error);
});

async function start() {
  module = await import(glue);
  await module.default({ module_or_path: wasm });
  part("policy").value = state.kept ?? "";
  listen();
  showPolicy();
  clear("result-waits");
  part("verifier").hidden = false;
  await Promise.all([askForPolicy(), fetchBundle(part("verifier").dataset.bundle)]);
  showPolicy();
  check();
  document.documentElement.dataset.verifier = "ready";
}

function listen() {
  const policy = part("policy");
  policy.addEventListener("input", () => (showPolicy(), clear("result-changed")));
  policy.addEventListener("change", check);
  part("take").addEventListener("click", () => setPolicy(state.offered));
  part("keep").addEventListener("click", keep);
  part("forget").addEventListener("click", forget);
  onFile(part("policy-file"), takePolicyFile);
  onFile(part("bundle-file"), takeBundleFile);
  part("bundle-text").addEventListener("change", (event) => {
    const text = event.target.value;
    if (text) takeBundle(new TextEncoder().encode(text), say("bundle-pasted"));
  });
  listenForDrops(part("drop"));
  part("check").addEventListener("click", check);
}

function onFile(input, take) {
  input.addEventListener("change", () => input.files[0] && take(input.files[0]));
}

function listenForDrops(zone) {
  const over = (is) => (event) => {
    event.preventDefault();
    zone.classList.toggle("over", is);
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    const file = event.dataTransfer.files[0];
    if (file) takeBundleFile(file);
  });
}

// Policy: the reader's own choice.

async function askForPolicy() {
  try {
    const answer = await fetch(POLICY_PATH, { cache: "no-store" });
    if (answer.ok) state.offered = await answer.text();
  } catch {
    // Without an answer nothing can be compared or taken; the page says so.
  }
}

function setPolicy(text) {
  part("policy").value = text;
  showPolicy();
  check();
}

async function takePolicyFile(file) {
  const refuse = (word, reason) => {
    setPolicy("");
    part("policy-says").replaceChildren(line("failed", say(word, { name: file.name, reason })));
  };
  if (file.size > POLICY_FILE_BYTES_MAX) return refuse("policy-long");
  try {
    setPolicy(await file.text());
  } catch (error) {
    refuse("file-unread", error.message);
  }
}

function keep() {
  const text = part("policy").value;
  try {
    localStorage.setItem(KEPT, text);
    state.kept = text;
  } catch {
    state.kept = null;
  }
  showPolicy();
  if (state.kept === null) part("policy-says").append(element("p", "", say("policy-unkept")));
}

function forget() {
  localStorage.removeItem(KEPT);
  state.kept = null;
  showPolicy();
}

function readKept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function showPolicy() {
  const text = part("policy").value;
  part("take").disabled = state.offered === null;
  part("keep").disabled = text === "" || text === state.kept;
  part("forget").disabled = state.kept === null;
  part("policy-says").replaceChildren(...(text === "" ? policyMissing() : policySays(text)));
}

function policyMissing() {
  return [element("p", "", say(state.offered === null ? "policy-none-unasked" : "policy-none"))];
}

function policySays(text) {
  const reading = JSON.parse(module.policy(text));
  const lines = [];
  if (reading.problem) lines.push(line("failed", say("policy-bad", { reason: reading.problem })));
  if (reading.sha256) lines.push(digestLine(say("policy-digest"), reading.sha256));
  for (const log of reading.logs) lines.push(element("p", "", say("policy-logs", log)));
  if (state.offered === null) lines.push(element("p", "", say("policy-unasked")));
  else if (state.offered === text) lines.push(element("p", "", say("policy-same")));
  else lines.push(line("warned", say("policy-differs")));
  if (text === state.kept) lines.push(element("p", "", say("policy-kept")));
  return lines;
}

function digestLine(label, digest) {
  return element("p", "", `${label} `, element("code", "digest", digest));
}

// Bundle.

async function fetchBundle(path) {
  if (!path) return;
  try {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    // Whatever the reader has chosen in the meantime stays.
    if (state.bundle === null) takeBundle(bytes, say("bundle-fetched", { name: path }));
  } catch (error) {
    const says = say("bundle-unfetched", { name: path, reason: error.message });
    part("bundle-says").replaceChildren(line("failed", says));
  }
}

async function takeBundleFile(file) {
  const refuse = (word, reason) => {
    state.bundle = null;
    part("bundle-says").replaceChildren(line("failed", say(word, { name: file.name, reason })));
    check();
  };
  if (file.size > BUNDLE_FILE_BYTES_MAX) return refuse("bundle-long");
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    takeBundle(bytes, say("bundle-file", { name: file.name }));
  } catch (error) {
    refuse("file-unread", error.message);
  }
}

function takeBundle(bytes, from) {
  state.bundle = bytes;
  part("bundle-says").textContent = say("bundle-says", { from, bytes: bytes.length });
  check();
}

// Result.

function check() {
  const policy = part("policy").value;
  if (policy === "") return clear("result-no-policy");
  if (state.bundle === null) return clear("result-no-bundle");
  // Should the module stop half way, no older result stays.
  clear("result-changed");
  show(JSON.parse(module.verify(state.bundle, policy, Date.now() / 1000)));
}

function clear(word) {
  part("verdict").replaceChildren(element("p", "", say(word)));
  part("lines").replaceChildren();
  part("facts").replaceChildren();
  delete part("result").dataset.verified;
}

function show(outcome) {
  part("result").dataset.verified = outcome.verified;
  part("verdict").replaceChildren(...verdict(outcome));
  part("lines").replaceChildren(...outcome.checks.map(checkLine));
  part("facts").replaceChildren(...(outcome.facts ? facts(outcome.facts) : []));
}

function verdict(outcome) {
  const failed = outcome.checks.find((check) => check.state === "failed");
  if (outcome.verified) {
    const open = outcome.checks.filter((check) => check.state === "not-checked").length;
    const says = element("p", "", say("verified-says", { open }));
    return [line("passed big", say("verified")), says, ...ageLines(outcome.age)];
  }
  const reason = outcome.problem ?? failed.reason;
  return [line("failed big", say("refused")), element("p", "reason", element("bdi", "", reason))];
}

function line(className, text) {
  return element("p", `finding ${className}`, text);
}

function checkLine(check) {
  const item = element(
    "li",
    "",
    element("span", `finding ${check.state}`, say(`state-${check.state}`)),
    element("div", "", element("b", "", check.name), " ", element("bdi", "", check.says)),
  );
  if (check.reason) item.lastChild.append(element("p", "reason", element("bdi", "", check.reason)));
  return item;
}

function facts(told) {
  const rows = [
    ["system", told.system],
    ["benchmark", told.benchmark],
    ["form", say("form", { form: told.form, edition: told.edition })],
    ["station", told.station],
    ["receipt", say("record", { index: told.index, leaf: told.receipt })],
    ["adapter", told.adapter_sha256],
  ].map(([word, value]) => row(say(`fact-${word}`), value));
  for (const one of told.estimates.filter((one) => one.section === undefined)) {
    rows.push(row(say("fact-estimate", { language: one.locale ?? say("all-locales") }), estimate(one)));
  }
  const callout = element("p", "callout", told.evidence_sentence);
  return [callout, element("dl", "facts wide", ...rows)];
}

function row(label, value) {
  return element("div", "", element("dt", "", label), element("dd", "", element("bdi", "", value)));
}

function estimate({ num, den, percent, interval }) {
  const [low, high] = interval ?? [];
  return say(interval ? "estimate" : "estimate-bare", { num, den, percent, low, high });
}

function ageLines(age) {
  const lines = [];
  if (age.quorum_seconds !== undefined) {
    const word = age.is_stale ? "age-stale" : "age-fresh";
    lines.push(element("p", "", say(word, { ago: ago(age.quorum_seconds) })));
  }
  if (age.manifest_expired) {
    lines.push(element("p", "", say("manifest-expired", { time: age.manifest_expired })));
  }
  return lines;
}

function ago(seconds) {
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? units.at(-1);
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
  return format.format(-Math.floor(seconds / length), unit);
}
