"""The synthesised AppStack that is kept in git: `python -m infra.cdk.committed_template [--check]`.

It names code by fixed keys, `api.zip` and `ai_worker.zip`: only a change of infrastructure changes it.
"""

import json
import sys
import tempfile
from pathlib import Path

from infra.cdk.app import build

COMMITTED = Path(__file__).parent / "templates" / "AppStack.template.json"


def synthesise() -> str:
    """The AppStack's template as JSON text with fixed code keys."""
    with tempfile.TemporaryDirectory() as outdir:
        template = build(outdir, bundle=False).synth().get_stack_by_name("AppStack").template
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Code"]["S3Key"] = _code_key(resource["Properties"]["Handler"])
    return json.dumps(template, indent=1) + "\n"


def main() -> None:
    """Rewrite the committed template, or with `--check` say whether it is stale."""
    fresh = synthesise()
    if "--check" not in sys.argv:
        COMMITTED.write_text(fresh)
    elif COMMITTED.read_text() != fresh:
        sys.exit(f"{COMMITTED.name} is stale: run `make synth` and commit it")


def _code_key(handler: str) -> str:
    _, function, *_ = handler.split(".")
    return f"{function}.zip"


if __name__ == "__main__":
    main()
