"""--plan: what a run would need, for any number of ranks, and nothing touched."""

import json
import re
import shutil
import subprocess

import harness


class Plan(harness.Case):
    def setUp(self):
        super().setUp()
        harness.make_input("hollow", self.folder / "in.nc")

    def plan(self, *options, **run_options):
        before = harness.tree(self.folder)
        done = self.assert_done("anomaly", "--plan", "--threads", "1", "--memory", "1G", *options, "in.nc", "out.zarr",
                                **run_options)
        self.assertEqual(harness.tree(self.folder), before)
        return done

    def test_tells_memory_and_bytes_of_every_rank(self):
        text = self.plan("--plan-ranks", "4").out
        for word in ("anomaly of sst over time to out.zarr", "4 ranks", "peak memory", "read", "moved", "written"):
            self.assertIn(word, text)
        self.assertEqual([int(row.split()[0]) for row in text.splitlines() if re.match(r" +\d+ +\d+ +\d+\.\d ", row)],
                         [0, 1, 2, 3])

    def test_pretended_ranks_get_the_plan_of_real_ones(self):
        self.assertEqual(self.plan("--plan-ranks", "2").out, self.plan(ranks=2).out)
        self.assertEqual(self.plan("--plan-ranks", "2", ranks=2).out, self.plan(ranks=2).out)

    def test_a_hundred_thousand_ranks_are_planned_on_one(self):
        text = self.plan("--plan-ranks", "100000").out
        self.assertIn("100000 ranks", text)
        self.assertRegex(text, r"(?m)^ +99999 ")

    def test_a_number_of_ranks_asks_for_the_plan(self):
        before = harness.tree(self.folder)
        self.assertIn("3 ranks", self.assert_done("anomaly", "--plan-ranks", "3", "in.nc", "out.zarr").out)
        self.assertEqual(harness.tree(self.folder), before)

    def test_a_program_reads_it_and_graphviz_draws_it(self):
        plan = json.loads(self.plan("--plan-format", "json", "--plan-ranks", "2").out)
        self.assertEqual([plan["ranks"], [row["rank"] for row in plan["rank"]]], [2, [0, 1]])
        self.assertIn("reduction", [layer["kind"] for layer in plan["layers"]])
        drawing = self.plan("--plan-format", "dot", "--plan-ranks", "2").out
        self.assertTrue(drawing.startswith("digraph plan {") and drawing.endswith("}\n"), drawing)
        if shutil.which("dot"):
            subprocess.run(["dot", "-Tsvg"], input=drawing.encode(), stdout=subprocess.DEVNULL, check=True)

    def test_an_output_that_exists_does_not_matter(self):
        (self.folder / "out.zarr").mkdir()
        self.plan()

    def test_what_is_wrong_with_the_input_shows_already_here(self):
        self.assert_fails(3, "'dmi'", "anomaly", "--plan", "--dim", "dmi", "in.nc", "out.zarr")


    def test_an_output_need_not_be_named(self):
        for options in (["--plan"], ["--plan-ranks", "3"], ["--plan-format", "text"]):
            text = self.assert_done("anomaly", *options, "in.nc").out
            self.assertIn("anomaly of sst over time to OUT\n", text)
        self.assert_fails(2, "OUT is missing", "anomaly", "in.nc")
        self.assert_fails(2, "IN is missing", "anomaly", "--plan")

    def test_bytes_say_which_they_are(self):
        self.assertIn("read and written are array bytes", self.plan().out)

    def test_a_plan_that_does_not_fit_is_printed_and_refused_as_the_run_is(self):
        options = ["anomaly", "--threads", "1", "--memory", "1M"]
        for ranks in (None, 2):
            with self.subTest(ranks=ranks):
                plan = self.run_dunlin(*options, "--plan", "in.nc", ranks=ranks)
                run = self.run_dunlin(*options, "in.nc", "out.zarr", ranks=ranks)
                self.assertEqual(set(plan.codes.values()) | set(run.codes.values()), {5}, plan)
                self.assertEqual(plan.error_lines(), run.error_lines())
                self.assertIn("peak memory", plan.out)


class Refusal(harness.Case):
    """Exit code 5 says which chunks are too large, and what it names does fit."""

    def refused(self, *options):
        (line,) = self.assert_fails(5, "the plan needs", "anomaly", *options, "in.nc", "out.zarr",
                                    ranks=2).error_lines()
        return line

    def assert_fits(self, *options):
        self.assert_done("anomaly", "--overwrite", *options, "in.nc", "out.zarr", ranks=2)

    def test_of_an_input_stored_in_one_chunk(self):
        harness.make_input("block", self.folder / "in.nc")
        line = self.refused("--memory", "60M")
        self.assertRegex(line, r"the input's chunks of 'read sst' \(40 x 512 x 512 float32, 40.0 MiB each\) are read "
                               r"whole; give --memory \d+M or more, or an input in smaller chunks\Z")
        self.assert_fits("--memory", re.search(r"--memory (\d+M)", line)[1])

    def test_of_an_output_in_one_chunk(self):
        harness.make_input("noise", self.folder / "in.nc")
        whole = ("--chunks", "all,all,all")
        line = self.refused("--memory", "70M", *whole)
        self.assertRegex(line, r"the output's chunks of 'write sst' \(160 x 128 x 640 float32, 50.0 MiB each\) are "
                               r"written whole; give --memory \d+M or more, or smaller chunks, as --chunks [\d,]+\Z")
        self.assert_fits("--memory", re.search(r"--memory (\d+M)", line)[1], *whole)
        self.assert_fits("--memory", "70M", "--chunks", re.search(r"--chunks ([\d,]+)", line)[1])


if __name__ == "__main__":
    harness.main()
