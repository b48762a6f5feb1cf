"""What a run makes and says: right values, the same bytes from any number of ranks and threads, one closing line."""

import hashlib
import json
import math
import os
import re
import shutil
import struct

import harness

EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}


def sst(t, y, x):
    """The small input's values, as make_input.cpp says; None where missing."""
    return None if (t + y + x) % 7 == 0 else t * t + 10 * y + x


def anomalies():
    """Row-major over (10, 6, 8): value minus the mean of what is there, NaN where missing."""
    result = []
    for t in range(10):
        for y in range(6):
            for x in range(8):
                there = [v for v in (sst(s, y, x) for s in range(10)) if v is not None]
                value = sst(t, y, x)
                result.append(math.nan if value is None else value - sum(there) / len(there))
    return result


def digest(folder):
    """One number for a whole folder: names and contents."""
    return hashlib.sha256(repr(sorted((name, hashlib.sha256(data).hexdigest() if data is not None else None)
                                      for name, data in harness.tree(folder).items())).encode()).hexdigest()


class Output(harness.Case):
    def setUp(self):
        super().setUp()
        harness.make_input("strings", self.folder / "in.nc")

    def test_values_are_the_data_minus_their_mean(self):
        self.assert_done("anomaly", "--codec", "none", "--dim", "T", "in.nc:sst", "out.zarr", ranks=2)
        (chunk,) = [p for p in (self.folder / "out.zarr" / "sst" / "c").rglob("*") if p.is_file()]
        values = struct.unpack("<480f", chunk.read_bytes())
        for got, expected in zip(values, anomalies(), strict=True):
            if math.isnan(expected):
                self.assertTrue(math.isnan(got))
            else:
                self.assertAlmostEqual(got, expected, places=4)

    def test_variables_that_do_not_fit_are_carried_and_others_left_out(self):
        self.assert_done("anomaly", "in.nc", "all.zarr")
        self.assertEqual({p.name for p in (self.folder / "all.zarr").iterdir()},
                         {"zarr.json", "sst", "packed", "mask", "time", "lat", "lon"})
        self.assert_done("anomaly", "--var", "packed", "in.nc", "one.zarr")
        self.assertEqual({p.name for p in (self.folder / "one.zarr").iterdir()},
                         {"zarr.json", "packed", "time", "lat", "lon"})

    def test_ends_with_one_line_that_says_it_all(self):
        for ranks, text in ((None, "1 rank x 1 thread"), (2, "2 ranks x 1 thread")):
            done = self.assert_done("anomaly", "--overwrite", "--threads", "1", "in.nc", "out.zarr", ranks=ranks)
            self.assertRegex(done.out, r"\Aanomaly of packed, sst over time: read \S+ \S+, wrote \S+ \S+ in [^,]+, " +
                             re.escape(text) + r", peak memory \d[^:]*: out.zarr\n\Z")

    def test_begins_with_the_cores_it_uses_and_warns_of_what_it_leaves_out(self):
        lines = self.assert_done("anomaly", "--threads", "1", "in.nc", "out.zarr", ranks=2).err.splitlines()
        self.assertEqual(sum(line.startswith("2 ranks x 1 thread, ") for line in lines), 1, lines)
        self.assertEqual(sum(line.startswith("warning: ") and "'notes'" in line for line in lines), 1, lines)

    def test_says_less_if_asked_to(self):
        quiet = self.assert_done("anomaly", "--progress", "off", "in.nc:sst", "out.zarr")
        self.assertFalse([line for line in quiet.err.splitlines() if not line.startswith("warning: ")], quiet)

    def assert_opens_in_perfetto(self, document):
        """The rules of the Trace Event Format by which Perfetto imports JSON."""
        self.assertIsInstance(document["traceEvents"], list)
        for event in document["traceEvents"]:
            self.assertIn(event["ph"], ("X", "C", "M"), event)
            self.assertIsInstance(event["name"], str, event)
            self.assertIsInstance(event["pid"], int, event)
            self.assertIsInstance(event["args"], dict, event)
            if event["ph"] != "C":
                self.assertIsInstance(event["tid"], int, event)
            if event["ph"] != "M":
                self.assertTrue(math.isfinite(event["ts"]) and event["ts"] >= 0, event)
            if event["ph"] == "X":
                self.assertGreaterEqual(event["dur"], 0, event)
                self.assertIsInstance(event["cat"], str, event)
            if event["ph"] == "C":
                self.assertTrue(all(isinstance(value, (int, float)) for value in event["args"].values()), event)
            if event["ph"] == "M":
                self.assertIn(event["name"], ("process_name", "thread_name"), event)

    def test_writes_a_trace_of_all_ranks(self):
        self.assert_done("anomaly", "--trace", "trace.json", "--threads", "2", "in.nc", "out.zarr", ranks=2)
        document = json.loads((self.folder / "trace.json").read_text())
        self.assert_opens_in_perfetto(document)
        events = document["traceEvents"]
        self.assertEqual({e["pid"] for e in events}, {0, 1})
        self.assertTrue(any(e["ph"] == "X" and "sst" in e["name"] for e in events))
        self.assertEqual({p.name for p in self.folder.iterdir()}, {"in.nc", "out.zarr", "trace.json"})

    def test_the_tracks_of_a_trace_end_with_what_the_closing_line_says(self):
        done = self.assert_done("anomaly", "--trace", "trace.json", "in.nc:sst", "out.zarr", ranks=2)
        last = {}
        for event in json.loads((self.folder / "trace.json").read_text())["traceEvents"]:
            if event["ph"] == "C":
                last[event["name"], event["pid"]] = event["args"]["bytes"]
        self.assertEqual({name for name, _ in last}, {"bytes read", "bytes written", "memory reserved"})
        for name, word in (("bytes read", "read"), ("bytes written", "wrote")):
            total = sum(count for (track, _), count in last.items() if track == name)
            self.assertIn(f"{word} {total / 1024:.1f} KiB" if total >= 1024 else f"{word} {total} B", done.out)
        self.assertEqual(sum(count for (track, _), count in last.items() if track == "memory reserved"), 0)

    def test_a_trace_goes_where_a_link_leads_and_into_pipes(self):
        (self.folder / "link.json").symlink_to("real.json")
        (self.folder / "real.json").write_text("old")
        self.assert_done("anomaly", "--trace", "link.json", "in.nc", "out.zarr")
        self.assert_opens_in_perfetto(json.loads((self.folder / "real.json").read_text()))
        self.assertTrue((self.folder / "link.json").is_symlink())
        self.assert_done("anomaly", "--trace", "/dev/null", "--overwrite", "in.nc", "out.zarr")
        self.assertTrue(os.path.exists("/dev/null") and not os.path.isfile("/dev/null"))

    def test_a_failing_run_leaves_no_trace(self):
        (self.folder / "there.zarr").mkdir()
        self.assert_fails(2, "exists", "anomaly", "--trace", "t.json", "in.nc", "there.zarr", ranks=2)

    def test_replaces_an_output_as_a_whole(self):
        self.assert_done("anomaly", "in.nc", "out.zarr", environment=EPOCH)
        fresh = harness.tree(self.folder / "out.zarr")
        (self.folder / "out.zarr" / "old").mkdir()
        (self.folder / "out.zarr" / "sst" / "zarr.json").write_text("damaged")
        self.assert_done("anomaly", "--overwrite", "in.nc", "out.zarr", environment=EPOCH, ranks=2)
        self.assertEqual(harness.tree(self.folder / "out.zarr"), fresh)
        self.assertEqual({p.name for p in self.folder.iterdir()}, {"in.nc", "out.zarr"})

    def test_leaves_what_a_job_on_another_host_may_be_writing(self):
        partial = self.folder / ".out.zarr.partial"
        partial.mkdir()
        (partial / "lock").write_text("host node17\npid 4711\nstart 5\nboot b\npids p\njob Slurm 1234\nrestart 0\n"
                                      "began 1700000000\n")
        for options in ([], ["--overwrite"]):
            self.assert_fails(4, ["(process 4711 on node17, job Slurm 1234, since 2023-11-14T22:13:20Z)",
                                  "if that job is surely gone, type: rm -r '.out.zarr.partial'"],
                              "anomaly", "--progress", "off", *options, "in.nc:sst", "out.zarr", ranks=2)
        (partial / "lock").unlink()
        os.utime(partial, (0, 0))
        self.assert_done("anomaly", "in.nc:sst", "out.zarr", ranks=2)
        self.assertEqual({p.name for p in self.folder.iterdir()}, {"in.nc", "out.zarr"})

    def test_history_says_what_was_made_and_when(self):
        self.assert_done("anomaly", "--threads", "1", "--dim=time", "in.nc", "out.zarr", environment=EPOCH)
        metadata = json.loads((self.folder / "out.zarr" / "zarr.json").read_text())
        self.assertRegex(metadata["attributes"]["history"],
                         r"\A2023-11-14T22:13:20Z: dunlin anomaly --dim=time in.nc out.zarr \(dunlin [\d.]+\)\Z")


class SameBytes(harness.Case):
    """Invariant 5: ranks, threads and timing change no byte."""

    def digests(self, kind, *options):
        harness.make_input(kind, self.folder / "in.nc")
        found = {}
        for ranks in (None, 1, 2, 3, 4):
            for threads in (1, 2, 4):
                self.assert_done("anomaly", "--threads", threads, *options, "in.nc", "out.zarr", ranks=ranks,
                                 environment=EPOCH)
                found[ranks, threads] = digest(self.folder / "out.zarr")
                shutil.rmtree(self.folder / "out.zarr")
        return found

    def test_small_chunks(self):
        found = self.digests("small", "--chunks", "time=3,lat=4,lon=all")
        self.assertEqual(len(set(found.values())), 1, found)

    def test_large_chunks_of_noise(self):
        found = self.digests("noise")
        self.assertEqual(len(set(found.values())), 1, found)

    def test_a_budget_changes_no_byte_either(self):
        harness.make_input("noise", self.folder / "in.nc")
        found = set()
        for memory in ("4G", "150M"):
            self.assert_done("anomaly", "--overwrite", "--memory", memory, "in.nc", "out.zarr", ranks=2,
                             environment=EPOCH)
            found.add(digest(self.folder / "out.zarr"))
        self.assertEqual(len(found), 1)


if __name__ == "__main__":
    harness.main()
