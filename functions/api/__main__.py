"""The OpenAPI document: `python -m functions.api > docs/openapi.json`, which is `make openapi`."""

import json
import sys

from functions.api.app import routed

if __name__ == "__main__":
    sys.stdout.write(json.dumps(routed().openapi(), indent=2, ensure_ascii=False) + "\n")
