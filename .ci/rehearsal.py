#!/usr/bin/env python3
"""Helpers of .ci/rehearse that `sam` does not provide.

    rehearsal.py parameters NAME=VALUE... <ENVIRONMENT   print the template's parameters as JSON
    rehearsal.py gateway API                             complete the API and print its base address
    rehearsal.py aliases API RELEASE                     check that the API calls the functions of this release
    rehearsal.py follow                                  enable the stream of the table, and create the bus
    rehearsal.py publish                                 deliver the stream to the job, and check history and events

The last two find the account at REHEARSAL_ACCOUNT, and the engine and the table in the environment of the functions.
"""

import json
import os
import sys

import boto3
from samcli.yamlhelper import yaml_parse

ANY = "x-amazon-apigateway-any-method"
BUS = "rehearsal"
QUEUE = "received"


def template():
    with open("template.yaml", encoding="utf-8") as file:
        return yaml_parse(file.read())


def parameters(*overrides):
    """Prints the template's parameters that produce the functions' variables."""
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    names = {name: value["Ref"] for name, value in variables.items() if "Ref" in value}
    values = dict(override.split("=", 1) for override in overrides)
    for line in sys.stdin.read().splitlines():
        name, value = line.split("=", 1)
        if names.get(name) in template()["Parameters"]:
            values[names[name]] = value
    print(json.dumps(values))


def gateway(api):
    """Adds the gateway's own responses from the template to the API.

    The emulator does not import `ANY` methods, and imports only the type of a mock integration.
    """
    client = boto3.client("apigateway")
    resources = {
        resource["path"]: resource["id"]
        for page in client.get_paginator("get_resources").paginate(restApiId=api)
        for resource in page["items"]
    }
    paths = template()["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]
    for path, item in paths.items():
        method = {"restApiId": api, "resourceId": resources[path], "httpMethod": "ANY"}
        integration = item[ANY]["x-amazon-apigateway-integration"]
        client.put_method(**method, authorizationType="NONE")
        client.put_integration(
            **method,
            type=integration["type"].upper(),
            requestTemplates=integration["requestTemplates"],
            passthroughBehavior=integration["passthroughBehavior"].upper(),
        )
        response = integration["responses"]["default"]
        # The rest depends on a condition of the template.
        fixed = {name: value for name, value in response["responseParameters"].items() if isinstance(value, str)}
        client.put_integration_response(
            **method,
            statusCode=response["statusCode"],
            responseParameters=fixed,
            responseTemplates=response["responseTemplates"],
        )
    [stage] = client.get_stages(restApiId=api)["item"]
    port = os.environ["AWS_ENDPOINT_URL"].rsplit(":", 1)[1]
    print(f"http://{api}.execute-api.localhost:{port}/{stage['stageName']}")


def aliases(api, release):
    """Checks that the gateway calls each function through its alias, and that the alias is at this release."""
    gateway, functions = boto3.client("apigateway"), boto3.client("lambda")
    called = set()
    for page in gateway.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"]):
        for resource in page["items"]:
            for method in resource.get("resourceMethods", {}).values():
                integration = method.get("methodIntegration", {})
                if integration.get("type") == "AWS_PROXY":
                    called.add(integration["uri"].split("/functions/")[1].removesuffix("/invocations"))
    assert called
    for arn in called:
        function, alias = arn.rsplit(":", 1)
        version = functions.get_alias(FunctionName=function, Name=alias)["FunctionVersion"]
        described = functions.get_function_configuration(FunctionName=function, Qualifier=version)["Description"]
        assert (alias, described) == ("live", release), (arn, version, described)
    print(f"the gateway calls {len(called)} functions through their aliases")


def account(service):
    return boto3.client(service, endpoint_url=os.environ["REHEARSAL_ACCOUNT"], region_name=os.environ["AWS_REGION"])


def engine(service):
    endpoint = os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
    return boto3.client(service, endpoint_url=endpoint, region_name=os.environ["AWS_REGION"])


def follow():
    """Enables the stream of the table, and creates the bus with a rule that sends each event to a queue."""
    view = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    engine("dynamodb").update_table(TableName=os.environ["TABLE_NAME"], StreamSpecification=view)
    sqs, events = account("sqs"), account("events")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=BUS)
    events.put_rule(Name=QUEUE, EventBusName=BUS, EventPattern=json.dumps({"detail-type": [{"prefix": "com.example."}]}))
    target = {"Id": QUEUE, "Arn": queue, "InputPath": "$.detail"}
    failed = events.put_targets(Rule=QUEUE, EventBusName=BUS, Targets=[target])["FailedEntryCount"]
    assert failed == 0, failed


def records():
    """Yields the records of the stream, as Lambda delivers them."""
    streams = engine("dynamodbstreams")
    [stream] = streams.list_streams(TableName=os.environ["TABLE_NAME"])["Streams"]
    described = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]
    for shard in described["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            page = streams.get_records(ShardIterator=iterator)
            for record in page["Records"]:
                created = record["dynamodb"]["ApproximateCreationDateTime"]
                record["dynamodb"]["ApproximateCreationDateTime"] = int(created.timestamp())
                yield record
            iterator = page.get("NextShardIterator") if page["Records"] else None


def received():
    """Yields the events in the queue."""
    sqs = account("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield json.loads(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def publish():
    """Delivers all records of the stream to the function of the job. Each change must have a row and an event."""
    functions = account("lambda")
    pages = functions.get_paginator("list_functions").paginate()
    names = [function["FunctionName"] for page in pages for function in page["Functions"]]
    [name] = [name for name in names if "PublishChanges" in name]
    all_records = list(records())
    for start in range(0, len(all_records), 100):
        payload = json.dumps({"Records": all_records[start : start + 100]})
        answer = functions.invoke(FunctionName=name, Payload=payload)
        result = json.load(answer["Payload"])
        assert result == {"batchItemFailures": []}, (answer.get("FunctionError"), result)
    scan = engine("dynamodb").get_paginator("scan").paginate(
        TableName=os.environ["TABLE_NAME"],
        FilterExpression="entityType = :row",
        ExpressionAttributeValues={":row": {"S": "HistoryRow"}},
        Select="COUNT",
    )
    rows = sum(page["Count"] for page in scan)
    events = list(received())
    ids = {event["id"] for event in events}
    print(f"{len(all_records)} records of the stream: {rows} rows of the history, {len(events)} events")
    assert rows == len(events) == len(ids) > 0, (rows, len(events), len(ids))
    for event in events:
        assert event["specversion"] == "1.0" and event["type"].startswith("com.example."), event


if __name__ == "__main__":
    commands = {function.__name__: function for function in (parameters, gateway, aliases, follow, publish)}
    commands[sys.argv[1]](*sys.argv[2:])
