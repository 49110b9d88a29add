"""The template as CloudFormation gets it, after the transform of SAM."""

import copy
import os
import re
import sys
from pathlib import Path

import boto3
import pytest
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".ci"))
sys.dont_write_bytecode = True
import switched_on  # noqa: E402

REGION = "eu-central-1"
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
PAGE = (ROOT / "docs/deployment.md").read_text()
# CloudFormation counts the declared resources, whatever their conditions.
LIMIT = 500
# The number of operations for which there must be room, so that the stack is split before it is full.
RESERVE = 2


@pytest.fixture(scope="module")
def resources():
    """Returns all declared resources."""
    os.environ["AWS_DEFAULT_REGION"] = REGION
    template = copy.deepcopy(TEMPLATE)
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    values = {name: parameter.get("Default", "x") for name, parameter in TEMPLATE["Parameters"].items()}
    return translator.translate(template, parameter_values=values)["Resources"]


def created(resources, options):
    """Returns the number of resources that are created with the defaults and these options."""
    on = options | {"HasAlarms", "HasStream"}
    assert on <= set(TEMPLATE["Conditions"])
    return sum("Condition" not in resource or resource["Condition"] in on for resource in resources.values())


def documented(row):
    return int(re.search(rf"^\| {re.escape(row)} \| (\d+) \|$", PAGE, re.MULTILINE)[1])


def test_the_documented_numbers_of_resources_are_right(resources):
    assert documented("declared in the template") == len(resources) <= LIMIT
    assert documented("created with the defaults") == created(resources, set())
    assert documented("created with `GradualDeployment`") == created(resources, {"HasGradualDeployment"})
    assert documented("created with every option") == created(resources, switched_on.OPTIONS)


def test_the_template_has_room_for_the_documented_number_of_operations(resources):
    functions = [name for name, resource in TEMPLATE["Resources"].items() if name + "Permission" in resources]
    [each] = {sum(re.fullmatch(rf"{name}(Role|Permission|Version|Alias|Deployments)?", other) is not None
                  for other in resources) for name in functions}
    assert documented("resources of an operation") == each
    assert documented("operations for which the template has room") == (LIMIT - len(resources)) // each >= RESERVE


def test_the_documented_limit_of_reserved_concurrency_is_right():
    functions = [name for name, it in TEMPLATE["Resources"].items() if it["Type"] == "AWS::Serverless::Function"]
    sentence = r"(\d+) must remain unreserved: with (\d+) functions and a quota of ([\d,]+), the maximum is (\d+)"
    figures = re.search(sentence.replace(" ", r"\s"), PAGE).groups()
    least, number, quota, limit = (int(figure.replace(",", "")) for figure in figures)
    assert number == len(functions)
    assert limit == (quota - least) // number


def routes():
    """Yields each route to a function: its path, and the name of the function."""
    for path, item in TEMPLATE["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"].items():
        for operation in item.values():
            integration = operation["x-amazon-apigateway-integration"]
            if integration["type"] == "aws_proxy":
                condition, alias, function = integration["uri"]["Fn::If"]
                prefix, name = function["Fn::Sub"].removesuffix(".Arn}/invocations").split("/functions/${")
                assert condition == "HasGradualDeployment"
                assert alias == {"Fn::Sub": prefix + "/functions/${" + name + "Alias}/invocations"}
                yield path, name


def test_the_gateway_may_call_the_function_of_each_route():
    assert len(set(routes())) > 60
    for path, name in routes():
        permission = TEMPLATE["Resources"][f"{name}Permission"]["Properties"]
        called = permission["FunctionName"]["Fn::If"]
        assert called == ["HasGradualDeployment", {"Ref": f"{name}Alias"}, {"Ref": name}]
        pattern = permission["SourceArn"]["Fn::Sub"].split("${Api}/*/*")[1]
        assert re.sub(r"\{\w+\}", "*", path) == pattern


def test_an_alarm_of_a_gradual_deployment_is_one_of_the_stack():
    alarms = {name for name, resource in TEMPLATE["Resources"].items() if resource["Type"] == "AWS::CloudWatch::Alarm"}
    for name, resource in TEMPLATE["Resources"].items():
        if resource["Type"] == "AWS::CodeDeploy::DeploymentGroup":
            configuration = resource["Properties"]["AlarmConfiguration"]
            triggers = {alarm["Name"]["Ref"] for alarm in configuration["Alarms"]}
            assert configuration["Enabled"] == {"Fn::If": ["IgnoresAlarms", False, True]}
            # The alarms of jobs need up to three quarters of an hour, and the jobs have no alias.
            of_jobs = {alarm for alarm in alarms if alarm.startswith(("SweepDeletions", "PublishChanges"))}
            assert triggers == alarms - of_jobs, name


def test_no_alarm_looks_at_functions_of_other_stacks():
    def metrics(properties):
        yield properties
        yield from (query["MetricStat"]["Metric"] for query in properties.get("Metrics", []) if "MetricStat" in query)

    for name, resource in TEMPLATE["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            for metric in metrics(resource["Properties"]):
                own = metric.get("Namespace") == {"Ref": "AWS::StackName"}
                assert own or metric.get("Dimensions") or "Metrics" in metric, name


# What CloudFormation calls to create a resource of a type.
CREATES = {
    "AWS::ApiGateway::BasePathMapping": "apigateway:POST",
    "AWS::ApiGateway::Deployment": "apigateway:POST",
    "AWS::ApiGateway::DomainName": "apigateway:POST",
    "AWS::ApiGateway::RestApi": "apigateway:POST",
    "AWS::ApiGateway::Stage": "apigateway:POST",
    "AWS::Backup::BackupPlan": "backup:CreateBackupPlan",
    "AWS::Backup::BackupSelection": "backup:CreateBackupSelection",
    "AWS::Backup::BackupVault": "backup:CreateBackupVault",
    "AWS::Budgets::Budget": "budgets:ModifyBudget",
    "AWS::CloudWatch::Alarm": "cloudwatch:PutMetricAlarm",
    "AWS::CloudWatch::Dashboard": "cloudwatch:PutDashboard",
    "AWS::CodeDeploy::Application": "codedeploy:CreateApplication",
    "AWS::CodeDeploy::DeploymentGroup": "codedeploy:CreateDeploymentGroup",
    "AWS::DynamoDB::Table": "dynamodb:CreateTable",
    "AWS::Events::Rule": "events:PutRule",
    "AWS::IAM::Role": "iam:CreateRole",
    "AWS::Lambda::Alias": "lambda:CreateAlias",
    "AWS::Lambda::EventInvokeConfig": "lambda:PutFunctionEventInvokeConfig",
    "AWS::Lambda::EventSourceMapping": "lambda:CreateEventSourceMapping",
    "AWS::Lambda::Function": "lambda:CreateFunction",
    "AWS::Lambda::Permission": "lambda:AddPermission",
    "AWS::Lambda::Version": "lambda:PublishVersion",
    "AWS::Logs::LogGroup": "logs:CreateLogGroup",
    "AWS::Logs::MetricFilter": "logs:PutMetricFilter",
    "AWS::SQS::Queue": "sqs:CreateQueue",
    "AWS::WAFv2::WebACLAssociation": "wafv2:AssociateWebACL",
}


def test_the_role_of_the_pipeline_may_create_each_type_of_resource(resources):
    types = {resource["Type"] for resource in resources.values()}
    assert types == set(CREATES)
    pipeline = yaml_parse((ROOT / "deployment/pipeline.yaml").read_text())["Resources"]
    [role] = [resource for resource in pipeline.values() if resource["Type"] == "AWS::IAM::Role"]
    allowed = set()
    for policy in role["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            allowed |= {actions} if isinstance(actions, str) else set(actions)
    # `lambda:*` is allowed for functions only.
    of_functions = {"CreateAlias", "CreateFunction", "AddPermission", "PublishVersion", "PutFunctionEventInvokeConfig"}
    allowed |= {f"lambda:{name}" for name in of_functions if "lambda:*" in allowed}
    allowed |= {action for action in CREATES.values() if action.startswith("codedeploy:") and "codedeploy:*" in allowed}
    assert set(CREATES.values()) - allowed == set()
