// A program of a customer's, with Plivo's Node SDK: calls what each line says.
// It runs under `voiceplat run`; `tests/compat/sdk/driver.py` is its twin.
'use strict';

const readline = require('readline');
const plivo = require('plivo');

const answers = process.stdout.write.bind(process.stdout);
console.log = console.error; // the SDK prints, too

const client = new plivo.Client();

// JSON has no lists with fields, and the SDK puts `meta` on its lists.
function plain(value) {
  if (Array.isArray(value) && value.meta) {
    return { meta: value.meta, objects: [...value] };
  }
  return value === undefined ? null : value;
}

async function called({ method, arguments: words, options }) {
  const [resource, name] = method.split('.');
  const all = Object.keys(options).length ? [...words, options] : words;
  try {
    const result = await client[resource][name](...all);
    if (result instanceof Error) throw result; // its checks of parameters return errors
    return { answer: plain(result) };
  } catch (error) {
    return { error: error?.name ?? 'Error', why: String(error?.message ?? error) };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    answers(JSON.stringify(await called(JSON.parse(line))) + '\n');
  }
}

main();
