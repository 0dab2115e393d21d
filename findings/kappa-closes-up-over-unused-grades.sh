#!/bin/sh
# Tools: scikit-learn 1.9.1 (`cohen_kappa_score`) and statsmodels 0.15.0 (`to_table`,
#   `cohens_kappa`).
# Guess: weighted kappa of segment scores 0 to 4 weighs a disagreement by how far two scores lie
#   apart.
# Happens: it weighs by places in the list of scores that somebody gave. Where nobody gave 2 or 3,
#   a 1 against a 4 is one step, as near as a 0 against a 1, and kappa is higher than from all
#   five scores: 0.81 instead of 0.70 here. Grades by name are sorted by the alphabet, so that
#   `absent` stands beside `mild`, and far from `severe`. `labels`, or `bins` in statsmodels, put
#   it right, by listing all grades in order; its description speaks of choosing a subset of
#   labels, not of weights.
# Matters: middle scores are rare, so in small studies of readers the list is often short. Values
#   of papers are compared with each other and with limits such as 0.6 and 0.8.
# ShortAxis: its own kappa knows how many grades there are, tested.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 scikit-learn==1.9.1 statsmodels==0.15.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa, to_table

NAMES = ["normal", "mild", "moderate", "severe", "absent"]
first = np.array([0, 0, 0, 1, 1, 4, 4, 0, 1, 4, 0, 0])
second = np.array([0, 0, 1, 1, 4, 4, 4, 0, 1, 1, 0, 0])

away = np.subtract.outer(range(5), range(5)) ** 2
table = np.zeros((5, 5))
np.add.at(table, (first, second), 1)
chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
by_hand = 1 - (away * table).sum() / (away * chance).sum()
found = {
    "scikit-learn": cohen_kappa_score(first, second, weights="quadratic"),
    "statsmodels": cohens_kappa(to_table(np.c_[first, second])[0], wt="fc").kappa,
    "scikit-learn, all five listed": cohen_kappa_score(
        first, second, weights="quadratic", labels=range(5)),
    "statsmodels, five bins": cohens_kappa(
        to_table(np.c_[first, second], bins=np.arange(-0.5, 5))[0], wt="fc").kappa,
}
one, other = np.append(first, [2, 3, 4, 3]), np.append(second, [2, 4, 3, 3])
numbers = cohen_kappa_score(one, other, weights="quadratic")
names = cohen_kappa_score(*([NAMES[grade] for grade in each] for each in (one, other)),
                          weights="quadratic")
print(f"quadratic kappa of {len(first)} scores, none of them 2 or 3; by hand {by_hand:.3f}")
for name, value in found.items():
    print(f"   {name}: {value:.3f}")
print(f"with all five grades given: as numbers {numbers:.3f}, as names {names:.3f}")
closed = [found["scikit-learn"], found["statsmodels"]]
whole = [found["scikit-learn, all five listed"], found["statsmodels, five bins"]]
if not (np.allclose(closed, 0.8125) and np.allclose(whole, by_hand) and names < numbers - 0.03):
    raise SystemExit(f"changed: {found} {numbers} {names}")
PYTHON
