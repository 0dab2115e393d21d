// Two readers of one study: who reads now, and how far both agree.

import * as server from "./server.js";
import { keepEdits, openStudy } from "./session.js";
import { at, guarded, state } from "./state.js";
import { sortList } from "./worklist.js";

const MEASURES = { long_axis_deg: "long axis, °", roll_deg: "roll, °", center_mm: "centre, mm" };

function cells(words) {
  const line = document.createElement("tr");
  line.append(...words.map((word) => Object.assign(document.createElement("td"), { textContent: word })));
  return line;
}

async function showAgreement() {
  const found = await server.agreement(), count = found.studies;
  const kappa = found.kappa === null ? "" : `, kappa ${found.kappa.toFixed(2)}`;
  at("agreement-words").textContent = count
    ? `${count} studies were read twice; ${found.same_verdict} with the same verdict${kappa}. Poses of ${found.poses} that both signed off lie apart by`
    : "No study was read twice yet.";
  const rows = Object.entries(MEASURES).filter(([name]) => found.apart[name]).map(([name, words]) => cells([
    words, found.apart[name].median.toFixed(1), found.apart[name]["95th"].toFixed(1),
  ]));
  at("agreement-rows").replaceChildren(...rows);
  at("agreement-table").hidden = !rows.length;
  at("agreement").showModal();
}

// Whoever reads now sees, or does not see, what the first reader did: the study is opened anew.
function changeReader() {
  keepEdits();
  state.isSecond = at("second").checked;
  sortList();
  if (state.study) guarded(() => openStudy(state.study.study));
}

export function wireReaders() {
  at("second").addEventListener("change", changeReader);
  at("agreement-open").addEventListener("click", () => guarded(showAgreement));
}
