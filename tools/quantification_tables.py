"""How good the quantification is, from ``results/quantification*.json``."""

from __future__ import annotations

from typing import Any

from simulation_tables import origin, stored
from speed_tables import compared_with_aims

__all__ = ["quantification_text"]

Record = dict[str, Any]

MEASURES = {
    "summed_score": ("summed score", 1.0, ""),
    "total_perfusion_deficit": ("total perfusion deficit", 100.0, " %"),
    "scar_burden": ("scar burden", 100.0, " % of the wall"),
}
"""Words, factor and unit."""


def quantification_text() -> str:
    """Detection, extent, territory, pose and repetition; a sentence for what is not stored."""
    record = stored("quantification")
    if record is None:
        return "*Not measured yet.*"
    parts = [_detection(record), _choice(), _pose(record), _moved(record), _real(), _speed()]
    return "\n\n".join(part for part in parts if part)


def _detection(record: Record) -> str:
    found = record["detection"]
    extent, territory = record["extent"], record["territory"]
    rows = [
        (f"exams with a defect, and without: {found['with_defect']} and {found['without']}", found),
    ]
    lines = [
        f"**Known defects** ({record['exams']:,} exams, the first 1,000 `{record['cohort']}`, normal limits `{record['normals']}`; {origin(record)}).",
        "Area under the ROC curve with a 95 % interval over patients:",
        "",
        "| exams | total perfusion deficit | summed score |",
        "|---|---|---|",
        *(
            f"| {words} | {_area(each['total_perfusion_deficit'])} | {_area(each['summed_score'])} |"
            for words, each in rows
        ),
        *(
            f"| {name}: {each['with_defect']} and {each['without']} | {each['auc']:.3f} | |"
            for name, each in found.get("among", {}).items()
        ),
        "",
        f"Measured against true extent in {extent['exams']} exams with a defect: r {extent['r']:.2f}, bias",
        f"{100 * extent['bias']:+.1f} % of the wall, standard deviation {100 * extent['sd']:.1f} %{_deep(extent)}. Of {territory['exams']} defects of one territory that take",
        f"a twentieth of the wall or more, the right territory was named in {territory['named']}; in {territory['nothing_measured']} nothing was",
        "measured.",
        *_territories(territory),
    ]
    return "\n".join(lines)


def _choice() -> str:
    """What the limit of the abnormal was chosen by; nothing if it is not stored."""
    record = stored("detection")
    if record is None:
        return ""
    lines = [
        f"**From how many standard deviations** a place is abnormal was chosen on {record['exams']} other exams, of selection and calibration,",
        f"{record['with_defect']} of them with a defect ({origin(record)}):",
        "",
        "| standard deviations | area under the curve, total perfusion deficit | summed score | summed score changed by the pose | abnormal where nothing is |",
        "|---|---|---|---|---|",
    ]
    for row in record["deviations"]:
        chosen = " (chosen)" if row["sd"] == record["chosen_sd"] else ""
        lines.append(
            f"| {row['sd']:g}{chosen} | {row['total_perfusion_deficit_auc']:.3f} | {row['summed_score_auc']:.3f} "
            f"| {row['summed_score_mae']:.2f} | {100 * row['extent_without_defect']:.1f} % of the wall |"
        )
    return "\n".join(lines)


def _territories(values: Record) -> list[str]:
    """True against measured territory; nothing for results that do not tell them apart."""
    counts = values.get("measured", {})
    if not counts:
        return []
    columns = list(next(iter(counts.values())))
    return [
        "",
        f"| largest true loss, largest measured one | {' | '.join(columns)} |",
        "|---|" + "---|" * len(columns),
        *(
            f"| {name} | {' | '.join(str(row[column]) for column in columns)} |"
            for name, row in counts.items()
        ),
    ]


def _deep(extent: Record) -> str:
    """The same of deep defects, and of deep ones of one territory."""
    kinds = {
        "deep": "exams where half of the uptake is lost somewhere",
        "plain": "of them with a defect of one territory",
    }
    told = [
        f"; in {each['exams']} {words} r {each['r']:.2f}, bias {100 * each['bias']:+.1f} %, standard deviation\n{100 * each['sd']:.1f} %"
        for each, words in ((extent.get(name), words) for name, words in kinds.items())
        if each is not None
    ]
    return "".join(told)


def _area(values: Record) -> str:
    return f"{values['auc']:.3f} ({values['low']:.3f} to {values['high']:.3f})"


def _pose(record: Record) -> str:
    lines = [
        "**Does the automatic pose change the reading?** The same exams at the network's pose against the true pose:",
        "",
        "| exams | " + " | ".join(words for words, _, _ in MEASURES.values()) + " |",
        "|---|" + "---|" * len(MEASURES),
    ]
    for name, row in record["pose"].items():
        cells = [
            f"r {row[key]['r']:.3f}, mean absolute error {factor * row[key]['mae']:.2f}{unit}"
            for key, (_, factor, unit) in MEASURES.items()
        ]
        lines.append(f"| {name} ({row['exams']}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def _moved(record: Record) -> str:
    moved = record["moved"]
    lines = [f"**A wrong pose** changes it by so much, on average over {moved['exams']} exams:"]
    for kind, unit in (("turned", "degrees"), ("shifted", "mm")):
        lines += [
            "",
            f"| true pose {kind} by, {unit} | "
            + " | ".join(words for words, _, _ in MEASURES.values())
            + " |",
            "|---|" + "---|" * len(MEASURES),
        ]
        for row in moved[kind]:
            cells = [
                f"{factor * row[key]:.2f}{unit_of}"
                for key, (_, factor, unit_of) in MEASURES.items()
            ]
            lines.append(f"| {row['by']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _real() -> str:
    record = stored("quantification_real")
    if record is None:
        return ""
    lines = [
        f"**Real studies** turned by up to {record['turn_deg']:g} degrees and shifted by up to {record['shift_mm']:g} mm, {record['motions']} times ({origin(record)}): the",
        "uptake of the 17 segments changes by",
        "",
        "| study | flag | mean change | largest change | summed score by fixed bands, and its mean change |",
        "|---|---|---|---|---|",
    ]
    for row in record["studies"]:
        lines.append(
            f"| {row['study']} | {row['flag']} | {row['segment_change_percent']:.1f} % "
            f"| {row['largest_segment_change_percent']:.1f} % "
            f"| {row['summed_score']}, {row['summed_score_change']:.2f} |"
        )
    return "\n".join(lines)


def _speed() -> str:
    record = stored("benchmark_quantify")
    if record is None:
        return ""
    ((_, measured, aim, verdict),) = compared_with_aims(record)
    whole = record["medians"]["whole_study_s"]
    return (
        f"**Speed** (one core, {origin(record)}): polar map and scores from short-axis slices in {measured}, aim {aim}, {verdict};\n"
        f"a study with its pose, picture and files in {whole:.2f} s.{_report_speed()}"
    )


def _report_speed() -> str:
    record = stored("benchmark_report")
    if record is None:
        return ""
    ((_, measured, aim, verdict),) = compared_with_aims(record)
    everything = record["medians"]["everything_s"]
    return (
        f"\nThe HTML report of stress and rest ({origin(record)}) in {measured}, aim {aim}, {verdict}; with PDF,\n"
        f"pictures and DICOM in {everything:.2f} s."
    )
