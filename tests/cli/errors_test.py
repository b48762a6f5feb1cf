"""What users get wrong, and what their files get wrong: one line, one exit code on every rank, nothing left behind."""

import unittest

import harness

USAGE, INPUT, STORAGE, MEMORY = 2, 3, 4, 5


class Errors(harness.Case):
    ranks = None

    def setUp(self):
        super().setUp()
        self.input = harness.make_input("strings", self.folder / "in.nc")
        harness.make_input("plane", self.folder / "plane.nc")

    def fails(self, code, says, *words):
        return self.assert_fails(code, says, *words, ranks=self.ranks)

    def test_mistyped_words_are_answered_with_the_nearest(self):
        self.fails(USAGE, ["'--dmi'", "did you mean '--dim'?"], "anomaly", "--dmi", "time", "in.nc", "out.zarr")
        self.fails(USAGE, ["'anomly'", "did you mean 'anomaly'?"], "anomly", "in.nc", "out.zarr")
        self.fails(INPUT, ["'tmie'", "did you mean 'time'?"], "anomaly", "--dim", "tmie", "in.nc", "out.zarr")
        self.fails(INPUT, ["'sts'", "did you mean 'sst'?"], "anomaly", "--var", "sts", "in.nc", "out.zarr")
        self.fails(INPUT, ["'sts'", "did you mean 'sst'?"], "anomaly", "in.nc:sts", "out.zarr")

    def test_a_file_without_time_asks_for_a_dimension(self):
        self.fails(INPUT, ["no dimension 'time'", "lat, lon", "--dim"], "anomaly", "plane.nc", "out.zarr")
        asked = self.fails(INPUT, "no dimension 'time'", "anomaly", "plane.nc", "out.zarr").error_lines()[0]
        self.assertNotIn("?:", asked)
        self.fails(INPUT, "no dimension 'T'", "anomaly", "--dim", "T", "plane.nc", "out.zarr")

    def test_wrong_values_of_options(self):
        self.fails(USAGE, ["--memory", "'much'", "200M"], "anomaly", "--memory", "much", "in.nc", "out.zarr")
        self.fails(USAGE, "--threads is '0'", "anomaly", "--threads", "0", "in.nc", "out.zarr")
        self.fails(USAGE, "'zpi'", "anomaly", "--codec", "zpi", "in.nc", "out.zarr")
        self.fails(USAGE, "--progress", "anomaly", "--progress", "often", "in.nc", "out.zarr")
        self.fails(USAGE, "chunk", "anomaly", "--chunks", "time=-1", "in.nc", "out.zarr")
        self.fails(INPUT, "'tim'", "anomaly", "--chunks", "tim=1", "in.nc", "out.zarr")

    def test_empty_values_of_options(self):
        for option in ("--dim", "--var", "--chunks", "--codec", "--threads", "--memory", "--progress", "--trace",
                       "--plan-ranks"):
            for words in ([option, ""], [option + "="]):
                with self.subTest(words):
                    self.fails(USAGE, f"{option} is empty", "anomaly", *words, "in.nc", "out.zarr")
        self.fails(USAGE, "empty", "anomaly", "", "out.zarr")
        self.fails(USAGE, "OUT is empty", "anomaly", "in.nc", "")

    def test_urls(self):
        for url in ("https://example.org/in.nc", "s3://bucket/in.zarr", "s3://bucket/in.zarr:sst"):
            self.fails(INPUT, "is a URL", "anomaly", url, "out.zarr")
            self.fails(INPUT, "is a URL", "info", url)
        self.fails(INPUT, "is a URL", "anomaly", "in.nc", "s3://bucket/out.zarr")

    def test_missing_words(self):
        self.fails(USAGE, "no command")
        self.fails(USAGE, "OUT is missing", "anomaly", "in.nc")
        self.fails(USAGE, "takes a value", "anomaly", "in.nc", "out.zarr", "--dim")

    def test_missing_files(self):
        self.fails(INPUT, "missing.nc", "anomaly", "missing.nc", "out.zarr")
        self.fails(INPUT, "missing.nc", "anomaly", "missing.nc:sst", "out.zarr")
        self.fails(INPUT, "missing.nc", "info", "missing.nc")

    def test_variables_that_do_not_fit(self):
        self.fails(USAGE, ["'mask'", "lat"], "anomaly", "--var", "mask", "in.nc", "out.zarr")
        self.fails(INPUT, ["'notes'", "cannot be taken"], "anomaly", "in.nc:notes", "out.zarr")
        self.fails(USAGE, ["'lat'", "it is a coordinate"], "anomaly", "--dim", "lat", "--var", "lat", "in.nc", "out.zarr")
        self.fails(USAGE, "one of the two", "anomaly", "--var", "sst", "in.nc:packed", "out.zarr")

    def test_output_that_exists_is_not_touched(self):
        self.assert_done("anomaly", "in.nc", "out.zarr")
        self.fails(USAGE, ["out.zarr exists", "--overwrite"], "anomaly", "in.nc", "out.zarr")
        (self.folder / "file").write_text("precious")
        self.fails(USAGE, "exists", "anomaly", "in.nc", "file")

    def test_only_outputs_are_replaced(self):
        (self.folder / "folder").mkdir()
        (self.folder / "folder" / "thesis.txt").write_text("precious")
        self.fails(USAGE, "not replaced", "anomaly", "--overwrite", "in.nc", "folder")

    def test_output_over_input(self):
        self.assert_done("anomaly", "in.nc", "out.zarr")
        (self.folder / "holder.zarr").mkdir()
        (self.folder / "holder.zarr" / "zarr.json").write_text("{}")
        (self.folder / "holder.zarr" / "in.nc").write_bytes(self.input.read_bytes())
        (self.folder / "link.zarr").symlink_to("out.zarr")
        for why, source, out in (("itself", "out.zarr", "out.zarr"), ("itself, a file", "in.nc", "in"),
                                 ("a folder that holds the input", "holder.zarr/in.nc", "holder.zarr"),
                                 ("a place inside the input", "out.zarr", "out.zarr/sst/more.zarr"),
                                 ("another spelling", "out.zarr", "holder.zarr/../out.zarr"),
                                 ("a link", "out.zarr", "link.zarr")):
            with self.subTest(why):
                if out == "in":
                    harness.os.link(self.folder / "in.nc", self.folder / "in")
                self.fails(USAGE, "input", "anomaly", "--overwrite", source, out)

    def test_names_that_promise_another_format(self):
        self.fails(USAGE, "out.zarr", "anomaly", "in.nc", "out.nc")

    def test_output_without_a_place(self):
        self.fails(STORAGE, "no/such/folder", "anomaly", "in.nc", "no/such/folder/out.zarr")

    def test_traces_without_a_place(self):
        self.fails(USAGE, "--trace", "anomaly", "--trace", "in.nc", "in.nc", "out.zarr")
        self.fails(USAGE, "--trace", "anomaly", "--trace", "out.zarr/t.json", "in.nc", "out.zarr")
        self.fails(USAGE, "no folder", "anomaly", "--trace", "none/t.json", "in.nc", "out.zarr")

    @unittest.skipIf(harness.os.geteuid() == 0, "root may write everywhere")
    def test_a_trace_that_may_not_be_written_ends_the_run_before_it_begins(self):
        (self.folder / "closed").mkdir(mode=0o500)
        self.fails(STORAGE, ["closed/t.json", "Permission denied"], "anomaly", "--trace", "closed/t.json", "in.nc",
                   "out.zarr")

    def test_a_trace_with_too_long_a_name(self):
        self.fails(STORAGE, "File name too long", "anomaly", "--trace", "t" * 250, "in.nc", "out.zarr")

    def test_too_small_a_budget_is_refused_with_numbers(self):
        failed = self.fails(MEMORY, ["needs", "KiB", "1.0 KiB"], "anomaly", "--memory", "1K", "in.nc", "out.zarr")
        self.assertRegex(failed.error_lines()[0], r"needs \d+\.\d [KM]iB.* rank \d")

    def test_files_that_are_none(self):
        for name, data in (("empty.nc", b""), ("text.nc", b"time,sst\n1,2\n" * 100),
                           ("head.nc", self.input.read_bytes()[:64])):
            (self.folder / name).write_bytes(data)
            with self.subTest(name):
                self.fails(INPUT, name, "anomaly", name, "out.zarr")
        (self.folder / "folder").mkdir()
        self.fails(INPUT, "folder", "anomaly", "folder", "out.zarr")

    def test_damaged_files(self):
        data = self.input.read_bytes()
        (self.folder / "short.nc").write_bytes(data[: len(data) * 3 // 4])
        self.fails(INPUT, "short.nc", "anomaly", "short.nc", "out.zarr")
        at = data.find(b"\x78\x5e")  # where a deflated chunk begins (zlib, level 4)
        self.assertGreater(at, 0)
        broken = bytearray(data)
        broken[at + 2 : at + 22] = b"\xff" * 20
        (self.folder / "chunk.nc").write_bytes(broken)
        self.fails(INPUT, ["chunk.nc", "sst"], "anomaly", "--var", "sst", "chunk.nc", "out.zarr")

    def test_chunks_that_are_no_files_are_not_taken_for_missing_ones(self):
        self.assert_done("anomaly", "--codec", "none", "--chunks", "time=5", "in.nc:sst", "good.zarr")
        (chunk,) = (self.folder / "good.zarr" / "sst" / "c" / "1").rglob("0/0")
        for why, put in (("is a folder", lambda: chunk.mkdir()),
                         ("is no file", lambda: harness.os.mkfifo(chunk)),
                         ("is a link that leads nowhere", lambda: chunk.symlink_to("nowhere"))):
            with self.subTest(why):
                chunk.unlink()
                put()
                self.fails(STORAGE, ["sst/c/1/0/0 " + why, "where a file is expected"], "anomaly", "good.zarr", "out.zarr")
                if chunk.is_dir():
                    chunk.rmdir()
                    chunk.touch()
        harness.shutil.rmtree(chunk.parents[1])
        chunk.parents[1].write_text("x")
        self.fails(STORAGE, "sst/c/1 is no folder", "anomaly", "good.zarr", "out.zarr")

    def test_an_array_without_any_chunk_is_warned_of(self):
        self.assert_done("anomaly", "in.nc", "good.zarr")
        harness.shutil.rmtree(self.folder / "good.zarr" / "sst" / "c")
        done = self.assert_done("anomaly", "good.zarr", "out.zarr", ranks=self.ranks)
        warned = [line for line in done.err.splitlines() if "no chunk" in line]
        self.assertEqual(len(warned), 1, done)
        self.assertIn("no chunk of 'sst' is stored in good.zarr", warned[0])
        done = self.assert_done("anomaly", "good.zarr:packed", "other.zarr", ranks=self.ranks)
        self.assertNotIn("no chunk", done.err)

    def test_damaged_hierarchies(self):
        self.assert_done("anomaly", "--codec", "gzip:1", "in.nc", "good.zarr")
        for path in sorted((self.folder / "good.zarr").rglob("*")):
            if path.is_file() and path.parent.name != "good.zarr" and "sst" in path.parts and "c" in path.parts:
                path.write_bytes(path.read_bytes()[:20])
        self.fails(INPUT, "sst", "anomaly", "good.zarr:sst", "out.zarr")
        metadata = self.folder / "good.zarr" / "zarr.json"
        metadata.write_text(metadata.read_text().replace('"gzip"', '"zpig"'))
        for array in (self.folder / "good.zarr").glob("*/zarr.json"):
            array.write_text(array.read_text().replace('"gzip"', '"zpig"'))
        self.fails(INPUT, "zpig", "anomaly", "good.zarr:sst", "out.zarr")
        self.fails(INPUT, "zpig", "anomaly", "good.zarr", "out.zarr")
        metadata.write_text("{" + metadata.read_text())
        self.fails(INPUT, "zarr.json", "info", "good.zarr")


class ErrorsOfTwoRanks(Errors):
    ranks = 2


class Launchers(harness.Case):
    def test_tasks_that_do_not_know_of_one_another_write_nothing(self):
        harness.make_input("small", self.folder / "in.nc")
        step = {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4"}
        self.assert_fails(USAGE, "4 tasks", "anomaly", "in.nc", "out.zarr", environment=step)
        other = harness.run("anomaly", "in.nc", "out.zarr", folder=self.folder,
                            environment={**step, "SLURM_PROCID": "2"})
        self.assertEqual((other.codes[0], other.err), (USAGE, ""), "only one task says it")
        self.assert_done("info", "in.nc", environment=step)

    def test_the_launcher_ends_with_an_error_too(self):
        done = harness.subprocess.run([*harness.LAUNCHER, "-n", "2", harness.DUNLIN, "anomaly", "x.nc", "out.zarr"],
                                      cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(sum(line.startswith("dunlin:") for line in done.stderr.splitlines()), 1, done.stderr)


if __name__ == "__main__":
    harness.main()
