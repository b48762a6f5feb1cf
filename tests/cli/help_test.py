"""Help texts, version, and the examples in them, which run as they stand; no MPI where nobody launched it."""

import json
import re
import shlex

import harness


def examples(help_text):
    """The command lines below "Examples:"."""
    below = help_text.split("Examples:\n", 1)[1].split("\n\n", 1)[0]
    return [line.strip() for line in below.splitlines()]


class Help(harness.Case):
    def test_help_names_commands_options_and_exit_codes(self):
        text = self.assert_done("--help").out
        for part in ("anomaly", "info", "Exit codes", "75"):
            self.assertIn(part, text)
        self.assertEqual(self.assert_done("-h").out, text)
        text = self.assert_done("anomaly", "--help").out
        for part in ("IN", "OUT", "--dim", "--var", "--threads", "--memory", "--progress", "--trace", "--plan",
                     "--plan-ranks", "--plan-format", "--overwrite", "--codec", "--chunks"):
            self.assertIn(part, text)
        self.assertIn("--json", self.assert_done("info", "--help").out)

    def test_help_fits_a_terminal(self):
        for words in (["--help"], ["anomaly", "--help"], ["info", "--help"]):
            for line in self.assert_done(*words).out.splitlines():
                self.assertLessEqual(len(line), 120, line)

    def test_version_names_build_mpi_and_hdf5(self):
        text = self.assert_done("--version").out
        self.assertRegex(text, r"\Adunlin \d+\.\d+\.\d+\n")
        for part in (r"build +\w+", r"MPI +\S+", r"HDF5 +\d+\.\d+\.\d+"):
            self.assertRegex(text, part)

    def test_under_the_launcher_one_rank_speaks(self):
        for words in (["--help"], ["--version"], ["anomaly", "--help"]):
            alone = self.assert_done(*words).out
            self.assertEqual(self.assert_done(*words, ranks=2).out, alone)

    def test_help_and_version_do_not_start_mpi(self):
        # No MPI starts where it is told to use a layer that does not exist; the last line shows that.
        broken = {"OMPI_MCA_pml": "none", "MPIR_CVAR_CH4_NETMOD": "none"}
        harness.make_input("small", self.folder / "sst.nc")
        for words in (["--help"], ["--version"], ["info", "sst.nc"],
                      ["anomaly", "--plan", "sst.nc", "out.zarr"], ["anomaly", "sst.nc", "out.zarr"]):
            self.assert_done(*words, environment=broken)
        self.assertNotEqual(self.run_dunlin("--help", ranks=1, environment=broken).codes, {0: 0})

    def test_examples_run_as_they_stand(self):
        harness.make_input("small", self.folder / "sst.nc")
        seen = 0
        for words in (["--help"], ["anomaly", "--help"], ["info", "--help"]):
            for line in examples(self.assert_done(*words).out):
                parts, ranks = shlex.split(line), None
                if parts[0] == "mpirun":
                    self.assertEqual(parts[1], "-n")
                    ranks, parts = int(parts[2]), parts[3:]
                self.assertEqual(parts[0], "dunlin", line)
                if "anomaly.zarr" in parts and (self.folder / "anomaly.zarr").exists() and "--overwrite" not in parts:
                    harness.shutil.rmtree(self.folder / "anomaly.zarr")
                with self.subTest(line):
                    self.assert_done(*parts[1:], ranks=ranks)
                seen += 1
        self.assertGreaterEqual(seen, 9)


class Info(harness.Case):
    def setUp(self):
        super().setUp()
        harness.make_input("strings", self.folder / "in.nc")

    def test_shows_dimensions_dates_chunks_attributes_and_what_is_left_out(self):
        text = self.assert_done("info", "in.nc").out
        for part in ("in.nc: netCDF-4", "time          10  unlimited",
                     "from 2000-01-01 00:00:00 to 2000-10-01 00:00:00 (360_day)",
                     "sst(time, lat, lon)  float32  10 x 6 x 8", "chunks of 1 x 6 x 8, shuffle, deflate 4",
                     "packed(time, lat, lon)  int16 (decoded: float32)", "_FillValue = 1e+20",
                     "title = made for tests"):
            self.assertIn(part, text)
        self.assertRegex(text, r"Left out\n  notes: \S")

    def test_json_is_json_and_says_the_same(self):
        facts = json.loads(self.assert_done("info", "--json", "in.nc").out)
        variables = {v["name"]: v for v in facts["variables"]}
        self.assertEqual(variables["sst"]["chunks"], [1, 6, 8])
        self.assertEqual(variables["sst"]["shape"], [10, 6, 8])
        self.assertEqual(variables["time"]["last_date"], "2000-10-01 00:00:00")
        self.assertEqual(variables["lat"]["last"], 7.5)
        self.assertEqual([s["name"] for s in facts["skipped"]], ["notes"])

    def test_one_variable_comes_with_its_coordinates_alone(self):
        facts = json.loads(self.assert_done("info", "--json", "in.nc:mask").out)
        self.assertEqual({v["name"] for v in facts["variables"]}, {"mask", "lat", "lon"})

    def test_an_output_is_an_input(self):
        self.assert_done("anomaly", "in.nc", "out.zarr")
        text = self.assert_done("info", "out.zarr").out
        self.assertIn("Zarr v3", text)
        self.assertTrue(re.search(r"history = .*Z: dunlin anomaly in.nc out.zarr \(dunlin ", text), text)

    def test_output_that_cannot_be_written_is_an_error(self):
        command = f"{harness.DUNLIN} info in.nc > /dev/full"
        done = harness.subprocess.run(["bash", "-c", command], cwd=self.folder, capture_output=True, text=True,
                                      check=False)
        self.assertEqual(done.returncode, 4)
        self.assertRegex(done.stderr, r"\Adunlin: cannot write to standard output: .*\n\Z")


if __name__ == "__main__":
    harness.main()
