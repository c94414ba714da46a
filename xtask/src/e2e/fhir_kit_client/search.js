// Reads the CapabilityStatement of a server of FHIR, searches each of its types by GET and by POST, and follows
// the links to other pages. Prints one JSON object a type; fails where answers disagree.

import assert from "node:assert/strict";
import { Client } from "fhir-kit-client";

const { FHIR_BASE, FHIR_TOKEN, FHIR_KEY, FHIR_PATIENT } = process.env;

const client = new Client({
  baseUrl: FHIR_BASE,
  bearerToken: FHIR_TOKEN,
  customHeaders: { "Ocp-Apim-Subscription-Key": FHIR_KEY },
});

const ids = (bundle) => (bundle.entry ?? []).map((entry) => entry.resource.id);

const statement = await client.capabilityStatement();
assert.equal(statement.resourceType, "CapabilityStatement");
assert.match(statement.fhirVersion, /^3\.0\./);

for (const { type, searchParam } of statement.rest[0].resource) {
  const names = searchParam.map((parameter) => parameter.name);
  const searchParams = names.includes("patient")
    ? { patient: `Patient/${FHIR_PATIENT}` }
    : { _id: FHIR_PATIENT };
  if (names.includes("intent")) searchParams.intent = "order,plan";

  const byGet = await client.search({ resourceType: type, searchParams });
  const options = { postSearch: true };
  const byPost = await client.search({ resourceType: type, searchParams, options });
  assert.ok(byGet.total > 0, `${type}: nothing was found`);
  assert.equal(byGet.total, ids(byGet).length, `${type}: more than a page`);
  assert.deepEqual(ids(byPost), ids(byGet), `${type}: POST and GET disagree`);

  const pageParams = { ...searchParams, _count: 1 };
  let page = await client.search({ resourceType: type, searchParams: pageParams });
  const paged = [];
  while (page) {
    assert.equal(ids(page).length, 1, `${type}: not one resource a page`);
    paged.push(...ids(page));
    page = await client.nextPage({ bundle: page });
  }
  assert.deepEqual(paged, ids(byGet), `${type}: pages and the whole disagree`);

  const read = await client.read({ resourceType: type, id: paged[0] });
  assert.deepEqual(read, byGet.entry[0].resource, `${type}: read and search disagree`);
  console.log(JSON.stringify({ type, total: byGet.total }));
}
