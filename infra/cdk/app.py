"""The CDK application: `cdk deploy` in this folder, or `python -m infra.cdk.committed_template`."""

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from infra.cdk.app_stack import AppStack

FLAGS = {"@aws-cdk/aws-iam:minimizePolicies": True, "@aws-cdk/core:enablePartitionLiterals": True}
"""Here and not in cdk.json, so that the CLI and a plain Python synth make the same template."""


def build(outdir: str | None = None, *, bundle: bool = True) -> cdk.App:
    """The application; without `bundle` no code is packaged, which is enough to look at the templates."""
    context = FLAGS if bundle else FLAGS | {"aws:cdk:bundling-stacks": []}
    app = cdk.App(analytics_reporting=False, context=context, outdir=outdir)
    AppStack(app, "AppStack", synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


if __name__ == "__main__":
    build().synth()
