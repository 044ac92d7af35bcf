"""The protobuf messages of WhatsApp, as neonize ships them, without loading its Go library.

Importing `neonize` itself would start a Go runtime in this process (80 MB). A stand-in module with only
the package's path lets `neonize.proto.*` load alone; it is taken away again afterwards.
"""
# pyright: reportMissingTypeStubs=false
# neonize brings its own stubs but does not say so

import sys
from importlib.util import find_spec
from types import ModuleType


def _stand_in() -> ModuleType:
    spec = find_spec("neonize")
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("the emulator needs the message definitions in neonize: pip install neonize")
    module = ModuleType("neonize")
    module.__path__ = list(spec.submodule_search_locations)
    return module


_is_loaded = "neonize" in sys.modules
if not _is_loaded:
    sys.modules["neonize"] = _stand_in()

from neonize.proto.waAdv import WAAdv_pb2 as adv  # noqa: E402 - only importable with the stand-in
from neonize.proto.waCert import WACert_pb2 as cert  # noqa: E402
from neonize.proto.waCompanionReg import WAWebProtobufsCompanionReg_pb2 as companion_reg  # noqa: E402
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e  # noqa: E402
from neonize.proto.waHistorySync import WAWebProtobufsHistorySync_pb2 as history_sync  # noqa: E402
from neonize.proto.waServerSync import WAWebProtobufsServerSync_pb2 as server_sync  # noqa: E402
from neonize.proto.waSyncAction import WAWebProtobufSyncAction_pb2 as sync_action  # noqa: E402
from neonize.proto.waWa6 import WAWebProtobufsWa6_pb2 as wa6  # noqa: E402

if not _is_loaded:
    del sys.modules["neonize"]

__all__ = ["adv", "cert", "companion_reg", "e2e", "history_sync", "server_sync", "sync_action", "wa6"]
