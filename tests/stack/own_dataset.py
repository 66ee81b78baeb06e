#!/usr/bin/env python3
"""docs/own-dataset.md from top to bottom: every command and every block of Python in it is run, with ports from the
kernel and a folder of images in place of the reader's.

    own_dataset.py FOLDER-OF-PROGRAMS
"""

import pathlib
import re
import subprocess
import sys
import unittest
import urllib.request

sys.dont_write_bytecode = True
import setup  # noqa: E402
from setup import PATIENCE, ROOT, Process  # noqa: E402

PAGE = (ROOT / "docs/own-dataset.md").read_text()
# Debian's, whose packages the page installs.
PYTHON = "/usr/bin/python3"
IMAGES = 40
BATCH_SIZE = 16
BATCHES = -(-IMAGES // BATCH_SIZE)
SIDE = 64

# Each has one colour, and so has what it is scaled to. In a folder within, and beside a file that is no image.
MAKE_IMAGES = """
import pathlib, sys, PIL.Image
folder = pathlib.Path(sys.argv[1])
(folder / "more").mkdir(parents=True)
(folder / "notes.txt").write_text("no image")
for i in range(int(sys.argv[2])):
    PIL.Image.new("RGB", (80 + i, 60), (i, 2 * i, 3 * i)).save(folder / ("more" if i >= 30 else "") / f"{i:02}.png")
"""


# Its folder of images is the first class, and the one within the second.
READ_LABELS = """
import grpc, numpy
import dataset_service_pb2 as messages, dataset_service_pb2_grpc as services
service = services.DatasetServiceStub(grpc.insecure_channel("localhost:{port}"))
info = service.GetDatasetInfo(messages.GetDatasetInfoRequest(dataset_name="images"), wait_for_ready=True)
read = lambda column: numpy.frombuffer(column.data, "int64").tolist()
batches = [service.GetBatch(messages.GetBatchRequest(dataset_name="images", batch_size={batch_size}, batch_index=i))
           for i in range({batches})]
seen = sorted({{label for batch in batches for label in read(batch.columns[0])}})
for column in info.columns:
    print(column.name, column.data_type, list(column.shape), seen)
for batch in batches:
    (column,) = batch.columns
    print(column.name, read(column))
"""


def blocks(language):
    """Its blocks of code, also those in items of a list."""
    return [re.sub(r"^ {3}", "", text, flags=re.MULTILINE) if indent else text
            for indent, text in re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)]


def commands():
    return [line for block in blocks("sh") for line in block.splitlines()]


def packages():
    """What the page installs."""
    (line,) = [command for command in commands() if "apt-get" in command]
    return re.findall(r"\bpython3-\w+", line)


def missing_packages():
    def is_installed(package):
        asked = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
        return asked.stdout == "installed"
    return [package for package in packages() if not is_installed(package)]


def get(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.read().decode()


@unittest.skipIf(missing_packages(), f"missing: {' '.join(missing_packages())} (deploy/install-packages test)")
class Page(setup.Setup):
    def setUp(self):
        super().setUp()
        self.home = self.folder
        # Nothing is installed: whether the packages are enough shows when the programs start.
        for name, script in (("sudo", 'exec "$@"'), ("apt-get", f'echo "$@" >>{self.folder}/apt-get.log')):
            (self.folder / "tools" / name).write_text(f"#!/bin/sh\n{script}\n")
            (self.folder / "tools" / name).chmod(0o755)
        self.environment["no_proxy"] = "*"
        subprocess.run([PYTHON, "-c", MAKE_IMAGES, self.home / "Pictures", str(IMAGES)], check=True, timeout=PATIENCE)
        # The page's ports, and those that the kernel gave; and who has which of the page's.
        self.ports = {}
        self.holders = {}
        # What is run for which command; a command for which there is none fails the test.
        self.ways = (
            (r"sudo apt-get install ", self.finish),
            (r"\./deploy/(?:build|generate-proto) ", self.finish),
            (r"/usr/bin/python3 ~/my_dataset/images\.py ~/Pictures (\d+)$", self.serve),
            (r"build/release/dataset-server --listen localhost:(\d+) ", self.serve),
            (r"\./deploy/run -- ", self.dispatch),
            (r"build/release/dispatcher status$", self.status),
            (r"build/release/dispatcher-pull ", self.finish),
        )

    def run_page(self, command):
        for pattern, way in self.ways:
            if found := re.match(pattern, command):
                return way(command, *found.groups())
        raise AssertionError(f"this test does not know how to run: {command}")

    def start_command(self, command):
        return Process(self, "bash", "-c", f"{command} >&2", cwd=self.clone, env=self.environment)

    def with_ports(self, text):
        return re.sub(r"\blocalhost:(\d+)", lambda found: f"localhost:{self.ports[found.group(1)]}", text)

    def finish(self, command):
        process = self.start_command(self.with_ports(command))
        self.assertEqual(0, process.wait(), process.said)
        return process.said

    def leave(self, port):
        """Ends who has the port, as the page says."""
        if port in self.holders:
            self.holders.pop(port).stop()

    def serve(self, command, port):
        self.leave(port)
        process = self.start_command(re.sub(rf"\b{port}\b", "0", command))
        self.holders[port] = process
        self.ports[port] = process.wait_for(r"serving .*?port[ =](\d+)")

    def dispatch(self, command):
        self.leave("8080")
        process = self.start_command(self.with_ports(command) + " --listen 127.0.0.1:0 --admin 127.0.0.1:0")
        self.holders["8080"] = process
        self.ports["8080"] = process.wait_for(r"Serving on port (\d+)")
        self.ports["8081"] = process.wait_for(r"live page is at http://localhost:(\d+)")
        self.assertIn(f"complete: {BATCHES} batches,", process.said)

    def status(self, command):
        said = self.finish(f"{command} --admin localhost:8081")
        self.assertIn(" complete, 0 failed", said)

    def save_service(self):
        (self.home / "my_dataset/images.py").write_text(blocks("python")[0])

    def test_every_command_does_what_it_says(self):
        trainer = blocks("python")[1]
        for command in commands():
            with self.subTest(command):
                self.run_page(command)
            if command.startswith("./deploy/generate-proto"):
                self.save_service()
            if command.startswith("./deploy/run"):
                self.see_pictures()
                self.read_as_trainer(trainer)
            if command.startswith("build/release/dispatcher-pull"):
                self.check_file(self.home / "my_dataset/images.npy")
        self.assertIn(" ".join(packages()), (self.folder / "apt-get.log").read_text())

    def see_pictures(self):
        (url,) = re.findall(r"<(http://localhost:8081/)>", PAGE)
        url = self.with_ports(url)
        self.assertIn("<html", get(url))
        self.assertRegex(get(url + "preview"), rf'"sample_shape":\[{SIDE},{SIDE},3\],"images":\{{"width":{SIDE},')

    def read_as_trainer(self, code):
        done = subprocess.run([PYTHON, "-c", code.replace("8080", self.ports["8080"])], stdout=subprocess.PIPE, text=True,
                              timeout=PATIENCE, check=True)
        # The mean of a batch of images with the colours (i, 2 * i, 3 * i).
        expected = []
        for first in range(0, IMAGES, BATCH_SIZE):
            of = range(first, min(first + BATCH_SIZE, IMAGES))
            expected.append(f"{first // BATCH_SIZE} ({len(of)}, {SIDE}, {SIDE}, 3) {2 * sum(of) / len(of)}")
        self.assertEqual(expected, done.stdout.splitlines())

    def check_file(self, file):
        samples = file.read_bytes()[-IMAGES * SIDE * SIDE * 3:]
        self.assertEqual(b"".join(bytes([i, 2 * i, 3 * i]) * SIDE * SIDE for i in range(IMAGES)), samples)

    def prepare(self):
        for command in commands():
            if re.match(r"\./deploy/(build|generate-proto) ", command):
                self.finish(command)
        self.save_service()
        (service,) = {command for command in commands() if command.endswith("images.py ~/Pictures 50051")}
        self.serve(service, "50051")

    def save_service_with_labels(self):
        (classes,) = re.findall(r"`(CLASSES = .*?)` stands\nbelow `files`", PAGE)
        code = re.sub(r"^(files = .*)$", lambda found: f"{found.group(1)}\n{classes}", blocks("python")[0], flags=re.MULTILINE)
        for line, last in zip(blocks("python")[2].splitlines(), ("batch_index=call.batch_index)", "is_available=True)")):
            self.assertEqual(1, code.count(last))
            code = code.replace(last, f"{last[:-1]}, {line})")
        (self.home / "my_dataset/images.py").write_text(code)

    def labels(self):
        """What the service sends beside the images, batch after batch."""
        code = READ_LABELS.format(port=self.ports["50051"], batch_size=BATCH_SIZE, batches=BATCHES)
        return subprocess.run([PYTHON, "-c", code], cwd=self.home / "my_dataset", stdout=subprocess.PIPE, text=True,
                              timeout=PATIENCE, check=True).stdout.splitlines()

    def test_two_arguments_more_send_labels(self):
        for command in commands():
            if re.match(r"\./deploy/(build|generate-proto) ", command):
                self.finish(command)
        self.save_service_with_labels()
        (service,) = {command for command in commands() if command.endswith("images.py ~/Pictures 50051")}
        self.serve(service, "50051")
        expected = [0] * 30 + [1] * 10
        batches = [expected[first:first + BATCH_SIZE] for first in range(0, IMAGES, BATCH_SIZE)]
        self.assertEqual(["label int64 [] [0, 1]"] + [f"label {labels}" for labels in batches], self.labels())
        self.dispatch(next(command for command in commands() if command.startswith("./deploy/run")))
        self.read_as_trainer(blocks("python")[1])

    def refusal(self):
        """What a consumer is told."""
        dispatcher = self.start_command(f"build/release/dispatcher --upstream localhost:{self.ports['50051']} --dataset images "
                                        "--listen 127.0.0.1:0 --admin none")
        port = dispatcher.wait_for(r" serving port=(\d+)")
        pull = self.start_command(f"build/release/dispatcher-pull --connect localhost:{port}")
        self.assertEqual(1, pull.wait(), pull.said)
        return pull.said

    def test_a_file_that_is_no_image_is_named(self):
        (self.home / "Pictures/broken.png").write_text("no image")
        self.prepare()
        self.assertIn("cannot identify image file '", PAGE)
        self.assertRegex(self.refusal(), "cannot identify image file '.*broken.png'")

    def test_a_folder_without_images_is_named(self):
        for file in (self.home / "Pictures").rglob("*.png"):
            file.unlink()
        self.prepare()
        self.assertIn("OUT_OF_RANGE: there are 0 images", PAGE)
        self.assertIn("OUT_OF_RANGE: there are 0 images", self.refusal())

    def test_another_python_is_named(self):
        self.assertIn("`ModuleNotFoundError`", PAGE)
        done = subprocess.run([PYTHON, "-S", "-c", blocks("python")[0]], stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        self.assertIn("ModuleNotFoundError", done.stderr)


if __name__ == "__main__":
    setup.programs = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
