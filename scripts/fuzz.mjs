// Random calls of every function: node scripts/fuzz.mjs [--seed N] [--calls N] [--only NAME] [--call JSON] [--all] [--strict]. Prints each kind of
// failure once, with a simplified call that --call repeats, and ends with code 1 if there was any; --all prints every failing call;
// --strict wants finite results for all finite options, however large. --samples FILE writes the sample calls for the native fuzzer.
import { writeFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** Seconds after which a call counts as one that does not end. */
const PATIENCE = 20;

if (isMainThread) {
  const argument = (name, otherwise) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? otherwise : process.argv[at + 1];
  };
  const given = {
    seed: Number(argument('seed', 1)),
    calls: Number(argument('calls', 50_000)),
    only: argument('only'),
    call: argument('call'),
    strict: process.argv.includes('--strict'),
    all: process.argv.includes('--all'),
  };
  if (argument('samples')) {
    const { calls, isTensor } = await import('../tests/core/calls.mjs');
    const plain = (value) => {
      if (isTensor(value)) return { shape: value.shape, data: Array.from(value.data) };
      if (ArrayBuffer.isView(value)) return Array.from(/** @type {any} */ (value));
      if (Array.isArray(value)) return value.map(plain);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
    };
    writeFileSync(argument('samples'), JSON.stringify(plain(calls)));
    process.exit(0);
  }
  let failures = 0;
  const seen = new Set();
  const start = (from) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { ...given, from } });
    let last = { position: from, json: '' };
    let timer;
    worker.on('message', (message) => {
      clearTimeout(timer);
      if (message.json) {
        last = message;
        timer = setTimeout(() => {
          failures += 1;
          console.log(`#${last.position} does not end within ${PATIENCE} s\n  ${last.json}`);
          worker.terminate().then(() => (given.call ? process.exit(1) : start(last.position + 1)));
        }, PATIENCE * 1000);
      } else if (message.text) {
        const { kind, text } = message;
        failures += 1;
        if (given.all || !seen.has(kind)) console.log(text);
        seen.add(kind);
      } else {
        console.log(
          `${message.done} calls, ${message.resolved} resolved, ${failures} failures of ${seen.size} kinds; ${JSON.stringify(message.memory)}`,
        );
        process.exitCode = failures ? 1 : 0;
      }
    });
    worker.on('error', (error) => {
      clearTimeout(timer);
      failures += 1;
      console.log(`#${last.position} ${error.stack}\n  ${last.json}`);
      start(last.position + 1);
    });
  };
  start(0);
} else {
  const { load } = await import('clearformer');
  const { Fuzzer, fromJson, toJson } = await import('../tests/core/fuzz.mjs');
  const { seed, calls, only, call: repeated, from } = workerData;
  const core = await load();
  const fuzzer = new Fuzzer(core, await core.describe());
  fuzzer.strict = workerData.strict;
  if (repeated) {
    const call = fromJson(repeated);
    const { finding, error } = await fuzzer.run(call);
    console.log(finding ?? 'no failure', error?.message ?? '');
    if (error) console.log(error.stack);
    else if (!call.maker) console.log(await core[call.name](call.options));
  } else {
    let resolved = 0;
    for (let position = from; position < calls; ++position) {
      const call = fuzzer.call(seed, position, only);
      parentPort?.postMessage({ position, json: `--call '${toJson(call)}'` });
      const began = performance.now();
      const { finding, error } = await fuzzer.run(call);
      const took = performance.now() - began;
      if (!error) resolved += 1;
      const slow = took > 1500 ? `slow (${Math.round(took)} ms)` : undefined;
      if (finding || slow) {
        const simple = finding ? await fuzzer.shrunk(call) : call;
        const again = finding ? (await fuzzer.run(simple)).finding : slow;
        const kind = `${call.name} ${String(again).replace(/[\d.e+-]+/g, '0')}`;
        parentPort?.postMessage({
          kind,
          text: `#${position} ${call.name}: ${again}\n  --call '${toJson(simple)}'`,
        });
      }
    }
    parentPort?.postMessage({ done: calls - from, resolved, memory: await core.memory() });
  }
}
