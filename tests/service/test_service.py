"""The DICOM node with real peers on the loopback interface."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage, Verification

from service_peers import (
    DEMO,
    WAIT_S,
    Archive,
    Node,
    free_port,
    new_study,
    running_archive,
    running_node,
    send,
    until,
)
from shortaxis.service.administration import status_record
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.spool import Spool, hashed_name


def counts(node: Node) -> dict[str, int]:
    url = f"http://127.0.0.1:{node.monitor}/health"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        found: dict[str, int] = json.load(answer)["studies"]
        return found


def attempts(node: Node) -> int:
    """Of the deliveries that fail, as the journal has them."""
    spool = Spool(node.folder)
    journal = Journal(spool.journal)
    try:
        return sum(each["attempts"] for each in status_record(journal, spool)["failing_deliveries"])
    finally:
        journal.close()


def test_a_study_comes_in_and_its_slices_come_back(tmp_path: Path) -> None:
    with running_archive() as archive, running_node(tmp_path, archive.route) as node:
        entity = AE("CAMERA")
        entity.add_requested_context(Verification)
        association = entity.associate("127.0.0.1", node.port, ae_title="SHORTAXIS")
        assert association.send_c_echo().Status == 0
        association.release()
        study, rest = new_study(), new_study("rest.dcm")
        rest.StudyInstanceUID = study.StudyInstanceUID
        assert send(node.port, [study, rest]) == [0, 0]
        until(lambda: counts(node)["sent"] == 1)
        found = archive.of_study(study.StudyInstanceUID)
        assert len(found) == 6
        assert len({each.SeriesInstanceUID for each in found}) == 6
        for each in found:
            assert each.PatientID in (study.PatientID, rest.PatientID)
            assert "DERIVED" in each.ImageType
            assert each.pixel_array.any()
        assert node.stop() == 0
        log = node.log.read_text()
        for private in (study.PatientName, study.PatientID, study.StudyInstanceUID):
            assert str(private) not in log
        assert hashed_name(study.StudyInstanceUID) in log


def test_what_was_stored_is_what_was_sent(tmp_path: Path) -> None:
    with running_node(tmp_path, quiet_s=600) as node:
        study = new_study()
        assert send(node.port, [study]) == [0]
        (path,) = (node.folder / "incoming").glob("*/*.dcm")
        kept = pydicom.dcmread(path)
        assert kept == study
        np.testing.assert_array_equal(kept.pixel_array, study.pixel_array)


def test_sending_again_or_out_of_order_does_no_harm(tmp_path: Path) -> None:
    with running_archive() as archive, running_node(tmp_path, archive.route) as node:
        stress, rest = new_study(), new_study("rest.dcm")
        rest.StudyInstanceUID = stress.StudyInstanceUID
        for _ in range(2):
            assert send(node.port, [stress, stress]) == [0, 0]
        until(lambda: counts(node)["sent"] == 1)
        first = {each.SOPInstanceUID for each in archive.of_study(stress.StudyInstanceUID)}
        assert len(first) == 3
        # Rest comes an hour later: stress is not made again.
        assert send(node.port, [rest, stress]) == [0, 0]
        until(lambda: len(archive.of_study(stress.StudyInstanceUID)) == 6)
        until(lambda: counts(node)["sent"] == 1)
        assert send(node.port, [rest]) == [0]
        # What comes later is sent later.
        later = new_study()
        assert send(node.port, [later]) == [0]
        until(lambda: counts(node)["sent"] == 2)
        assert len(archive.of_study(later.StudyInstanceUID)) == 3
        assert set(archive.arrivals.values()) == {1}


def test_only_the_right_titles_may_associate(tmp_path: Path) -> None:
    with running_node(tmp_path, node='calling_ae_titles = ["CAMERA"]') as node:
        study = new_study()
        assert send(node.port, [study], title="STRANGER") == [-1]
        assert send(node.port, [study], called="ANOTHER") == [-1]
        assert send(node.port, [study]) == [0]


def test_only_addresses_on_the_list_may_connect(tmp_path: Path) -> None:
    with running_node(tmp_path, node='addresses = ["10.9.8.0/24"]') as node:
        assert send(node.port, [new_study()]) == [-1]
        assert not list((node.folder / "incoming").glob("*/*"))


def test_other_objects_are_not_negotiated_and_useless_ones_fail_visibly(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        entity = AE("CAMERA")
        entity.add_requested_context(CTImageStorage)
        association = entity.associate("127.0.0.1", node.port, ae_title="SHORTAXIS")
        assert not association.is_established
        useless = new_study()
        useless.ImageType = ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]
        assert send(node.port, [useless]) == [0]
        until(lambda: counts(node)["failed"] == 1)


def test_a_destination_that_is_down_is_tried_again(tmp_path: Path) -> None:
    archive = Archive()
    with running_node(tmp_path, archive.route) as node:
        study = new_study()
        assert send(node.port, [study]) == [0]
        until(lambda: counts(node)["done"] == 1)
        until(lambda: attempts(node) >= 1)
        archive.status = 0xA700
        archive.start()
        try:
            until(lambda: archive.refusals >= 2)
            assert counts(node)["done"] == 1
            archive.status = 0
            until(lambda: counts(node)["sent"] == 1)
            assert len(archive.of_study(study.StudyInstanceUID)) == 3
        finally:
            archive.stop()


def test_results_that_are_gone_before_they_were_sent_are_a_failure_and_made_again(
    tmp_path: Path, shortaxis: Any
) -> None:
    archive = Archive()
    with running_node(tmp_path, archive.route) as node:
        study = new_study()
        assert send(node.port, [study]) == [0]
        until(lambda: counts(node)["done"] == 1)
        # What was not sent is not purged.
        run = shortaxis("serve", "purge", node.config, "--state", "done")
        assert "0 studies removed" in run.out
        # At once, since a delivery may be tried meanwhile: half of them would be damaged.
        (node.folder / "results").rename(tmp_path / "elsewhere")
        archive.start()
        try:
            until(lambda: counts(node)["failed"] == 1)
            assert "results are gone" in shortaxis("serve", "status", node.config).out
            assert "1 study" in shortaxis("serve", "retry", node.config).out
            until(lambda: counts(node)["sent"] == 1)
            assert len(archive.of_study(study.StudyInstanceUID)) == 3
        finally:
            archive.stop()


def test_an_exam_that_fails_is_told_and_does_not_hold_the_others_back(tmp_path: Path) -> None:
    with running_archive() as archive, running_node(tmp_path, archive.route) as node:
        good, useless = new_study(), new_study("rest.dcm")
        useless.StudyInstanceUID = good.StudyInstanceUID
        useless.PixelData = bytes(len(useless.PixelData))
        assert send(node.port, [good, useless]) == [0, 0]
        until(lambda: len(archive.of_study(good.StudyInstanceUID)) == 3)
        until(lambda: counts(node)["failed"] == 1)
        until(lambda: "some exams failed" in node.log.read_text())


def test_what_is_flagged_waits_for_a_reviewer_and_then_goes_on(
    tmp_path: Path, shortaxis: Any
) -> None:
    from shortaxis.review.decisions import Decision, ReviewAction
    from shortaxis.review.session import ReviewSession
    from shortaxis.review.store import ReviewStore
    from shortaxis.review.worklist import entries_of
    from shortaxis.workflow.studies.finding import find_studies

    with running_archive() as archive, running_node(tmp_path, archive.route) as node:
        # Without its upper half: the heart is cut.
        flagged, fine = upside_cut(new_study()), new_study("rest.dcm")
        fine.StudyInstanceUID = flagged.StudyInstanceUID
        assert send(node.port, [flagged, fine]) == [0, 0]
        until(lambda: counts(node)["review"] == 1)
        until(lambda: len(archive.of_study(fine.StudyInstanceUID)) == 3)
        run = shortaxis("serve", "status", node.config)
        assert "1 review" in run.out
        review, reviewed = node.folder / "review", node.folder / "reviewed"
        until(lambda: list(review.rglob("*.dcm")))
        session = ReviewSession(
            entries_of(find_studies(review)), ReviewStore(reviewed / "reviews.sqlite"), reviewed
        )
        (entry,) = session.entries.values()
        pose = session.automatic(entry.study)
        given = {key: pose[key] for key in ("center_mm", "patient_from_cardiac")}
        session.decide(entry.study, Decision(ReviewAction.CORRECT, 0, "A. Reader", pose=given))
        until(lambda: counts(node)["sent"] == 1)
        assert len(archive.of_study(fine.StudyInstanceUID)) == 6
        until(lambda: not list(review.rglob("*.dcm")))


def upside_cut(study: pydicom.Dataset) -> pydicom.Dataset:
    """Counts above the middle of the heart are gone, as with a field that is too low."""
    pixels = study.pixel_array.copy()
    pixels[: len(pixels) // 2] = 0
    study.PixelData = pixels.tobytes()
    return study


def test_status_retry_and_purge(tmp_path: Path, shortaxis: Any) -> None:
    with running_node(tmp_path) as node:
        broken, good = new_study(), new_study()
        broken.ImageType = ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]
        assert send(node.port, [broken]) == [0]
        assert send(node.port, [good]) == [0]
        until(lambda: counts(node)["failed"] == 1 and counts(node)["done"] == 1)
        record = json.loads(shortaxis("serve", "status", node.config, "--json").out)
        (failed,) = record["to_look_at"]
        assert failed["study"] == hashed_name(broken.StudyInstanceUID)
        assert failed["reason"] == "is a planar image"
        run = shortaxis("serve", "retry", node.config)
        assert "1 study" in run.out
        until(lambda: counts(node)["failed"] == 1)
        run = shortaxis("serve", "purge", node.config, "--state", "failed", "--state", "done")
        assert "2 studies removed" in run.out
        assert not list((node.folder / "incoming").glob("*/*.dcm"))
        assert not list((node.folder / "results").glob("*/*"))
        assert sum(counts(node).values()) == 0
        # What was purged may come again.
        assert send(node.port, [good]) == [0]
        until(lambda: counts(node)["done"] == 1)


def test_metrics_are_those_of_prometheus(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        assert send(node.port, [new_study()]) == [0]
        until(lambda: counts(node)["done"] == 1)
        with socket.create_connection(("127.0.0.1", node.monitor)) as connection:
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        assert 'shortaxis_studies{state="done"} 1.0' in text
        assert 'shortaxis_events_total{event="objects_stored"} 1.0' in text
        assert "shortaxis_healthy 1.0" in text


def test_a_nearly_full_disk_refuses_objects(tmp_path: Path) -> None:
    with running_node(tmp_path, least_free_mb=1e9) as node:
        assert send(node.port, [new_study()]) == [0xA700]
        assert not list((node.folder / "incoming").glob("*/*"))


def test_two_nodes_do_not_share_a_folder(tmp_path: Path, shortaxis: Any) -> None:
    with running_node(tmp_path) as node:
        run = shortaxis("serve", node.config)
        assert run.code != 0
        assert "another node" in run.err


def test_dcmtk_sends(tmp_path: Path) -> None:
    storescu = shutil.which("storescu")
    if storescu is None:
        pytest.skip("no storescu; Debian's package dcmtk")
    with running_node(tmp_path) as node:
        command = [storescu, "-aec", "SHORTAXIS", "127.0.0.1", str(node.port), DEMO / "study.dcm"]
        subprocess.run(command, check=True, timeout=60)
        until(lambda: counts(node)["done"] == 1)


STRANGE = (
    b"",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x01\x00\xff\xff\xff\xff" + b"x" * 1000,
    b"\x01\x00\x00\x00\x00\x04abcd",
    b"\x04\x00\x00\x00\x00\x10" + b"\x00" * 16,
    bytes(range(256)) * 8,
)


def test_strange_bytes_do_not_stop_the_node(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        for content in STRANGE * 3:
            with socket.create_connection(("127.0.0.1", node.port)) as connection:
                connection.sendall(content)
        assert send(node.port, [new_study()]) == [0]
        until(lambda: counts(node)["done"] == 1)


PATIENT = f"[limits]\nidle_gives_way_s = {WAIT_S}\nnegotiation_s = {2 * WAIT_S}\n"
"""Of a node whose peers are on a machine that may have much else to do."""


def test_half_open_and_many_senders(tmp_path: Path) -> None:
    with running_node(tmp_path, PATIENT, quiet_s=600) as node:
        silent = [socket.create_connection(("127.0.0.1", node.port)) for _ in range(8)]
        studies = [new_study() for _ in range(50)]
        statuses: list[list[int]] = []
        threads = [
            threading.Thread(target=lambda each=each: statuses.append(send(node.port, [each])))
            for each in studies
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for connection in silent:
            connection.close()
        assert statuses == [[0]] * 50
        assert counts(node)["received"] == 50


def test_a_worker_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    work = "[work]\ntime_limit_s = 0.05\nattempts = 2\n"
    with running_node(tmp_path, work) as node:
        assert send(node.port, [new_study()]) == [0]
        until(lambda: counts(node)["failed"] == 1)
        # The journal knows before the log does.
        until(lambda: node.log.read_text().count("took longer") == 2)


def test_a_worker_without_memory_is_a_failure_and_no_end(tmp_path: Path) -> None:
    with running_node(tmp_path, "[work]\nmemory_limit_mb = 100\nattempts = 1\n") as node:
        assert send(node.port, [new_study()]) == [0]
        until(lambda: counts(node)["failed"] == 1)
        assert send(node.port, [new_study()]) == [0]
        until(lambda: counts(node)["failed"] == 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no folder"),
        ('folder = "a"\ncolour = 1', "unknown values in the file"),
        ('folder = "a"\n[node]\nport = "x"', "port is of the wrong kind"),
        ('folder = "a"\n[node]\nport = 70000', "a port cannot be one"),
        ('folder = "a"\n[node]\nae_title = "A\\\\B"', "AE title"),
        ('folder = "a"\n[node]\naddresses = ["here"]', "an address cannot be one"),
        ('folder = "a"\n[work]\nworkers = 0', "workers is out of range"),
        ('folder = "a"\n[node]\nlargest_object_mb = inf', "largest_object_mb is out of range"),
        ('folder = "a"\n[work]\ntime_limit_s = inf', "time_limit_s is out of range"),
        ('folder = "a"\n[work]\nmemory_limit_mb = nan', "memory_limit_mb is out of range"),
        ('folder = "a"\n[work]\nreview_sheet = []', "review_sheet is of the wrong kind"),
        ('folder = "a"\n[retention]\nsent_days = -1', "sent_days is out of range"),
        ('folder = "a"\n[retention]\nfailed_days = nan', "failed_days is out of range"),
        ('folder = "a"\n[retention]\nleast_free_mb = nan', "least_free_mb is out of range"),
        ('folder = "a"\n[work]\nmethod = "magic"', "magic"),
        ('folder = "a"\n[routes]\naccepted = ["pacs"]', "leads nowhere"),
        ('folder = "a"\n[[destinations]]\nname = "pacs"', "has no address"),
        ('folder = "a"\n[[destinations]]\nname = "p"\nurl = "file:///etc"', "url of p is none"),
        ("folder = ", "no configuration"),
    ],
)
def test_a_wrong_configuration_starts_nothing(
    tmp_path: Path, shortaxis: Any, text: str, words: str
) -> None:
    (tmp_path / "node.toml").write_text(text)
    run = shortaxis("serve", tmp_path / "node.toml")
    assert run.code != 0
    assert words in run.err
    assert "node.toml" in run.err
    assert [path.name for path in tmp_path.iterdir()] == ["node.toml"]


def test_a_port_that_is_taken_is_named(tmp_path: Path, shortaxis: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "node.toml").write_text(f'folder = "spool"\n[node]\nport = {port}\n')
        run = shortaxis("serve", tmp_path / "node.toml")
    assert run.code != 0
    assert str(port) in run.err
