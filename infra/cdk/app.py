"""The CDK application. In this folder, with a deployment's name and what it needs:

cdk deploy -c stack_name=balas-staging-app --parameters Stage=staging --parameters PublicOrigin=https://… \
  --parameters MailSender=… --parameters AlarmTopicArns=… \
  --parameters SubnetIds=… --parameters SecurityGroupIds=…
"""

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from infra.cdk.app_stack import AppStack

FLAGS = {"@aws-cdk/aws-iam:minimizePolicies": True, "@aws-cdk/core:enablePartitionLiterals": True}
"""Here and not in cdk.json, so that the CLI and a plain Python synth make the same template."""


def build(outdir: str | None = None, *, bundle: bool = True) -> cdk.App:
    """The application; without `bundle` no code is packaged, which is enough to look at the templates."""
    context = FLAGS if bundle else FLAGS | {"aws:cdk:bundling-stacks": []}
    app = cdk.App(analytics_reporting=False, context=context, outdir=outdir)
    AppStack(
        app,
        "AppStack",
        stack_name=app.node.try_get_context("stack_name"),
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


if __name__ == "__main__":
    build().synth()
