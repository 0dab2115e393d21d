// Requests to the server; a refusal becomes an Error in its words.

import { unpacked } from "./packed_counts.js";

async function answered(response) {
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  const words = answer.summary || answer.detail?.[0]?.msg || response.statusText;
  const file = answer.path?.split(/[\\/]/).pop();
  const lines = [file ? `${file} ${words}` : words];
  for (const [words, key] of [["expected", "expected"], ["found", "found"], ["likely cause", "cause"], ["to go on", "way_on"]]) {
    if (answer[key]) lines.push(`${words}: ${answer[key]}`);
  }
  const error = new Error(lines.join("\n"));
  error.status = response.status;
  throw error;
}

const get = async (path) => answered(await fetch(`api/${path}`));
const post = async (path, body) => answered(await fetch(`api/${path}`, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}));

export const worklist = async () => (await get("worklist")).json();
export const study = async (id) => (await get(`studies/${id}`)).json();
export const opened = async (id) => {
  const record = await study(id);
  return { record, counts: await counts(record) };
};
export const decide = async (id, decision) => (await post(`studies/${id}/decision`, decision)).json();
export const orientation = async (id, sizes) => (await get(`studies/${id}/orientation?${new URLSearchParams(sizes)}`)).json();
export const stateOrientation = async (id, stated) => (await post(`studies/${id}/orientation`, stated)).json();
export const storedCounts = async (id) => countsOf(await get(`studies/${id}/stored-counts?form=steps`));
export const projections = async (id) => (await get(`studies/${id}/projections`)).json();
export const identities = async () => (await get("identities")).json();
export const agreement = async () => (await get("agreement")).json();
export const secondReading = async (id, decision) => (await post(`studies/${id}/second-reading`, decision)).json();
export const difference = async (id, poses, normals) => (await post(`studies/${id}/difference?normals=${normals}`, poses)).json();
export const earlier = async (id) => (await get(`studies/${id}/earlier`)).json();
export const comparison = async (id, hearts, normals) => (await post(`studies/${id}/comparison?normals=${normals}`, hearts)).json();
export const report = async (id, asked, normals) => (await post(`studies/${id}/report?normals=${normals}`, asked)).json();
export const polarMap = async (id, pose, normals) => (await post(`studies/${id}/polar-map?normals=${normals}`, pose)).json();
export const functionOf = async (id, pose, phase) => (await post(`studies/${id}/function?phase=${phase}`, pose)).json();
// Counts of the content that a record is about, and of no other that lies under the name by now.
export const counts = async ({ study: id, content }, gate) => countsOf(
  await get(`studies/${id}/counts?form=steps&content=${content}${gate === undefined ? "" : `&gate=${gate}`}`),
);

async function countsOf(response) {
  const told = (name) => response.headers.get(`X-Counts-${name}`);
  const lowest = Number(told("Lowest")), step = Number(told("Step"));
  const steps = unpacked(new Uint8Array(await response.arrayBuffer()), told), values = new Float32Array(steps.length);
  for (let i = 0; i < steps.length; i++) values[i] = lowest + step * steps[i];
  return values;
}
