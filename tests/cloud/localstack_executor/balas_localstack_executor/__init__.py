"""Python functions in LocalStack's Lambda without Docker: a plugin of ours, and not a part of LocalStack.

LocalStack starts each Lambda function in a Docker container. It also has a plugin namespace for other ways,
`localstack.lambda.runtime_executor`. This package registers one under the name `subprocess`: the handler
stays warm in a Python process of this machine. Everything around it (queues, event source mappings, retries,
function URLs, CloudFormation, logs) is LocalStack's own.

What it is not: a sandbox. A function sees this machine's files, its memory is not limited, it runs on the
Python that LAMBDA_SUBPROCESS_PYTHON names (this one by default) whatever runtime and architecture it asks
for, it finds no layers, and only Python functions in zip files run at all. It serves tests and nothing else.
"""
