"""The plugin as LocalStack sees it. LocalStack is installed in its own virtual environment only."""

# pyright: basic, reportMissingImports=false

import os
import sys

from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

from balas_localstack_executor.warm_process import Function, InitFailed, WarmProcess

PYTHON = os.environ.get("LAMBDA_SUBPROCESS_PYTHON", sys.executable)
LOOPBACK = "127.0.0.1"


class SubprocessExecutorPlugin(RuntimeExecutorPlugin):
    """Chosen by LAMBDA_RUNTIME_EXECUTOR=subprocess."""

    name = "subprocess"

    def load(self, *_args: object, **_kwargs: object) -> type[RuntimeExecutor]:
        return SubprocessExecutor


class SubprocessExecutor(RuntimeExecutor):
    """One warm process of one version of a function."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - its name there
        super().__init__(id, function_version)
        self._process: WarmProcess | None = None

    def start(self, env_vars: dict[str, str]) -> None:
        config = self.function_version.config
        code = config.code.get_unzipped_code_location()
        function = Function(config.handler, code, env_vars, float(config.timeout))
        self._process = WarmProcess(PYTHON, function)
        try:
            self._process.start()
        except InitFailed as failure:
            raise StatusErrorException("the handler could not be imported", failure.payload) from None

    def stop(self) -> None:
        if self._process:
            self._process.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        if not self._process:
            raise LambdaRuntimeException("invoked before it was started")
        outcome = self._process.invoke(
            {
                "request_id": payload["invoke-id"],
                "arn": payload["invoked-function-arn"],
                "trace_id": payload["trace-id"],
                "event": payload["payload"],
            }
        )
        return InvocationResult(payload["invoke-id"], outcome.payload, outcome.is_error, outcome.logs)

    def get_logs(self) -> str:
        return self._process.logs() if self._process else ""

    def get_address(self) -> str:
        return LOOPBACK

    def get_endpoint_from_executor(self) -> str:
        return LOOPBACK

    def get_runtime_endpoint(self) -> str:
        """Nobody calls back: a process of ours answers on its own channel."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        runtime = function_version.config.runtime or "an image"
        if not runtime.startswith("python"):
            raise LambdaRuntimeException(
                f"{runtime} does not run here: only Python functions in zip files do"
            )
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """The code on disk is LocalStack's to remove."""

    @classmethod
    def validate_environment(cls) -> bool:
        return True
