"""The part of the AppStack that a cloud which refuses some resource types gets."""

import json
from typing import Any

from local.deploy import TEMPLATE
from tests.cloud.template_part import part_of

REFUSED = ("AWS::ApiGatewayV2::",)


def small(**resources: Any) -> dict[str, Any]:
    return {"Resources": {"Api": {"Type": "AWS::ApiGatewayV2::Api"}, **resources}, "Outputs": {}}


def resource(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::X::Y", "Properties": properties}


def cut(**properties: Any) -> Any:
    return part_of(small(It=resource(**properties)), REFUSED).template["Resources"]["It"]["Properties"]


def test_nothing_is_cut_for_a_cloud_that_refuses_nothing():
    template = json.loads(TEMPLATE.read_text())
    part = part_of(template, ())
    assert part.template["Resources"].keys() == template["Resources"].keys()
    assert part.template["Outputs"] == template["Outputs"]
    assert part.left_out == {}


def test_of_the_app_stack_nothing_that_is_left_out_is_mentioned():
    part = part_of(json.loads(TEMPLATE.read_text()), REFUSED)
    text = json.dumps(part.template)
    assert part.left_out
    assert not [name for name in part.left_out if f'"{name}"' in text or f"${{{name}" in text]
    kept = {resource["Type"] for resource in part.template["Resources"].values()}
    assert {"AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping"} <= kept
    assert "InboundQueueUrl" in part.template["Outputs"]
    assert "HttpApiUrl" not in part.template["Outputs"]


def test_a_reference_takes_only_the_property_that_holds_it_along():
    assert cut(SourceArn={"Ref": "Api"}, Kept=1) == {"Kept": 1}
    assert cut(Variables={"URL": {"Fn::Join": ["", ["https://", {"Ref": "Api"}]]}, "A": "1"}) == {
        "Variables": {"A": "1"}
    }
    assert cut(Url={"Fn::Sub": "https://${Api}/x"}, Id={"Fn::GetAtt": ["Api", "Id"]}) == {}


def test_other_references_stay():
    assert cut(A={"Ref": "Other"}, B={"Fn::Sub": "${AWS::Region}"}) == {
        "A": {"Ref": "Other"},
        "B": {"Fn::Sub": "${AWS::Region}"},
    }


def test_a_policy_loses_the_statement_about_it_and_no_other():
    about_it = {"Effect": "Allow", "Resource": {"Fn::Sub": "arn:${Api}"}}
    about_some = {"Effect": "Allow", "Resource": [{"Ref": "Api"}, "arn:other"]}
    assert cut(Statement=[about_it, about_some]) == {
        "Statement": [{"Effect": "Allow", "Resource": ["arn:other"]}]
    }


def test_an_order_after_it_is_forgotten():
    dependents = {
        "One": {**resource(), "DependsOn": "Api"},
        "Two": {**resource(), "DependsOn": ["Api", "One"]},
    }
    resources = part_of(small(**dependents), REFUSED).template["Resources"]
    assert "DependsOn" not in resources["One"]
    assert resources["Two"]["DependsOn"] == ["One"]
