"""The AWS services that Balas calls: the only files that import boto3."""
