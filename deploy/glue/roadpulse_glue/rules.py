"""The rules that TypeScript, Flink and this job share: `lib/rules/*.json`."""

import functools
import importlib.resources
import json
import pathlib

# In the archive that is deployed the rules lie inside of the package; in the repository, where all read them.
SOURCES = pathlib.Path(__file__).resolve().parents[3] / "lib" / "rules"


@functools.cache
def read_rules(name):
    packed = importlib.resources.files(__package__).joinpath("rules", f"{name}.json")
    file = packed if packed.is_file() else SOURCES / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))
