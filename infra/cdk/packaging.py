"""The code of a function: our packages and its own dependencies, built without Docker."""

import os
import shutil
import subprocess
from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

ROOT = Path(__file__).parents[2]
PYTHON = "3.13"
PLATFORM = "aarch64-manylinux_2_28"
"""manylinux2014 would resolve, silently, to a psycopg that is years old."""


def code(function: str, requirements: str) -> lambda_.Code:
    """`balas`, `functions/<function>` and what `requirements/<requirements>.txt` locks, for arm64."""
    image = cdk.DockerImage.from_registry("not-used: bundling is local")
    return lambda_.Code.from_asset(
        str(ROOT / "functions" / function),
        asset_hash_type=cdk.AssetHashType.OUTPUT,
        bundling=cdk.BundlingOptions(image=image, local=_Bundler(function, requirements)),
    )


@jsii.implements(cdk.ILocalBundling)
class _Bundler:
    def __init__(self, function: str, requirements: str) -> None:
        self._function = function
        self._requirements = ROOT / "requirements" / f"{requirements}.txt"

    def try_bundle(self, output_dir: str, _options: object) -> bool:
        _install(self._requirements, output_dir)
        _copy("balas", output_dir)
        _copy(f"functions/{self._function}", output_dir)
        _compile(output_dir)
        return True


def _install(requirements: Path, target: str) -> None:
    platform = ["--python-platform", PLATFORM, "--python-version", PYTHON, "--only-binary", ":all:"]
    options = ["--quiet", "--require-hashes", "--no-installer-metadata", "--target", target]
    subprocess.run(["uv", "pip", "install", *options, *platform, "-r", requirements], check=True)
    shutil.rmtree(Path(target, "bin"), ignore_errors=True)


def _copy(package: str, target: str) -> None:
    shutil.copytree(ROOT / package, Path(target, package), ignore=shutil.ignore_patterns("__pycache__"))


def _compile(target: str) -> None:
    """Ship bytecode that ignores file times, which zips normalise: 0.40x the CPU of a cold import."""
    python = ["uv", "run", "--quiet", "--no-project", "--python", PYTHON, "--", "python", "-m", "compileall"]
    options = ["-q", "-s", target, "-p", "/var/task", "--invalidation-mode", "unchecked-hash"]
    same_bytes_each_time = os.environ | {"PYTHONHASHSEED": "0"}  # the order of a frozenset's constants
    subprocess.run([*python, *options, target], check=True, env=same_bytes_each_time)
