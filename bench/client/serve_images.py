"""`python_images`, served as `mnist` by `data_dispatcher.serve`: serve_images.py PROCESSES SAMPLE_US."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from data_dispatcher import serve  # noqa: E402
from python_images import Images, load_images  # noqa: E402

serve(Images(load_images(), float(sys.argv[2]) / 1e6), "mnist", listen="127.0.0.1:0", processes=int(sys.argv[1]))
