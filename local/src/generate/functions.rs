//! The functions of the template with their roles and permissions.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use functions::history::row;
use functions::{JOBS, OPERATIONS, STREAM_JOBS};
use serde_json::json;
use shared::job::{Job, StreamJob};
use shared::operation::Operation;
use shared::service::idempotency;
use shared::table::tombstone;

use super::Output;
use crate::costs::{Cost, actions_of_job};
use crate::error::Error;

/// Returns the section of `template.yaml` with one function per operation.
pub(super) fn output() -> Result<Output, Error> {
    let functions: Result<Vec<String>, Error> = OPERATIONS.into_iter().map(function).collect();
    Ok(Output::Section { path: "template.yaml", name: "functions", content: functions?.join("\n") })
}

fn function(operation: &Operation) -> Result<String, Error> {
    let Operation { id, .. } = operation;
    let name = pascal_case(id);
    Ok(format!(
        "{}
{}
{}
{}",
        declaration(&name, id),
        role(&name, &Cost::of(id)?.actions(operation)?),
        permission(&name, &operation.full_path()),
        gradual_deployment(&name),
    ))
}

/// Returns the beginning of the declaration of a function.
fn declaration(function: &str, id: &str) -> String {
    format!(
        "  {function}:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties:
        Binary: {id}
    Properties:
      Role: !GetAtt {function}Role.Arn
"
    )
}

/// Returns the permission of the gateway to call a function with any method of its path. SAM would create one for each
/// method, and a stack can have 500 resources.
fn permission(function: &str, path: &str) -> String {
    let path: Vec<&str> =
        path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect();
    format!(
        "  {function}Permission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !If [HasGradualDeployment, !Ref {function}Alias, !Ref {function}]
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/*/*{}
",
        path.join("/")
    )
}

/// Returns the version that the gateway calls through an alias, and the deployment that moves the alias. A new release
/// replaces the version.
fn gradual_deployment(function: &str) -> String {
    format!(
        "  {function}Version:
    Type: AWS::Lambda::Version
    Condition: HasGradualDeployment
    Properties:
      FunctionName: !Ref {function}
      Description: !Ref Release

  {function}Alias:
    Type: AWS::Lambda::Alias
    Condition: HasGradualDeployment
    UpdatePolicy:
      CodeDeployLambdaAliasUpdate:
        ApplicationName: !Ref Deployments
        DeploymentGroupName: !Ref {function}Deployments
    Properties:
      Name: live
      FunctionName: !Ref {function}
      FunctionVersion: !GetAtt {function}Version.Version

  {function}Deployments:
    Type: AWS::CodeDeploy::DeploymentGroup
    Condition: HasGradualDeployment
    Properties:
      ApplicationName: !Ref Deployments
      ServiceRoleArn: !GetAtt DeploymentsRole.Arn
      DeploymentConfigName: !Sub CodeDeployDefault.Lambda${{GradualDeployment}}
      DeploymentStyle: {{ DeploymentType: BLUE_GREEN, DeploymentOption: WITH_TRAFFIC_CONTROL }}
      AutoRollbackConfiguration:
        Enabled: true
        Events: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM, DEPLOYMENT_STOP_ON_REQUEST]
      AlarmConfiguration:
        Enabled: !If [IgnoresAlarms, false, true]
        Alarms:
          - Name: !Ref FailureRateAlarm
          - Name: !Ref LatencyAlarm
          - Name: !Ref FunctionErrorsAlarm
          - Name: !Ref TableThrottlesAlarm
          - Name: !Ref TableErrorsAlarm
          - Name: !Ref HealthAlarm
"
    )
}

/// Returns the section of `template.yaml` with one function and one alarm per job.
pub(super) fn jobs() -> Result<Output, Error> {
    let jobs = JOBS.into_iter().map(job).chain(STREAM_JOBS.into_iter().map(stream_job));
    let jobs: Result<Vec<String>, Error> = jobs.collect();
    Ok(Output::Section { path: "template.yaml", name: "jobs", content: jobs?.join("\n") })
}

/// Returns the function of a job that follows the stream of the table, its queue for records that cannot be delivered, and
/// its alarms.
fn stream_job(job: &StreamJob) -> Result<String, Error> {
    let StreamJob { id, summary, .. } = job;
    let name = pascal_case(id);
    Ok(format!(
        "  # {summary}. It has no caller.
{}      Timeout: 60
      Environment:
        Variables:
          HISTORY_RETENTION_DAYS: !Ref HistoryRetentionInDays
          EVENT_BUS_NAME: !Ref EventBusName
          EVENT_TYPE_PREFIX: !Ref EventTypePrefix
          EVENT_SOURCE: !If
            - HasDomainName
            - !Sub ${{DomainName}}/nevisidm/api/core/v1
            - !Sub ${{Api}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/${{StageName}}/nevisidm/api/core/v1

{}{}
  # Records that could not be delivered for 20 hours go to the queue, while they are still in the stream for four more.
  {name}Source:
    Type: AWS::Lambda::EventSourceMapping
    Condition: HasStream
    Properties:
      FunctionName: !Ref {name}
      EventSourceArn: !If
        - HasRestoredTable
        - !Sub arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/${{RestoredTableName}}/stream/${{RestoredTableStreamLabel}}
        - !GetAtt Table.StreamArn
      StartingPosition: TRIM_HORIZON
      BatchSize: 100
      ParallelizationFactor: 4
      BisectBatchOnFunctionError: true
      MaximumRecordAgeInSeconds: 72000
      FunctionResponseTypes: [ReportBatchItemFailures]
      DestinationConfig:
        OnFailure:
          Destination: !GetAtt {name}Queue.Arn
      FilterCriteria:
        Filters:
{}

  {name}Queue:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
      # Its messages refer to the stream and contain nothing of it. A key would need permissions of its own.
      SqsManagedSseEnabled: true
{}",
        declaration(&name, id),
        role(&name, &actions_of_job(id)?),
        stream_statements(&name),
        filters(),
        stream_alarms(&name, id),
    ))
}

/// Returns the alarms of a job that follows the stream.
fn stream_alarms(name: &str, id: &str) -> String {
    let alarm = |suffix: &str, description: &str, metric: &str| {
        format!(
            "
  {name}{suffix}Alarm:
    Type: AWS::CloudWatch::Alarm
    Condition: HasAlarms
    Properties:
      AlarmDescription: {description}
{metric}
      EvaluationPeriods: 1
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
      AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]
      OKActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]
"
        )
    };
    let age = alarm(
        "Age",
        &format!("The job {id} is a quarter of an hour behind the changes of the table"),
        &format!(
            "      Namespace: AWS/Lambda
      MetricName: IteratorAge
      Dimensions:
        - {{ Name: FunctionName, Value: !Ref {name} }}
      Statistic: Maximum
      Period: 300
      Threshold: 900000"
        ),
    );
    let queue = alarm(
        "Queue",
        &format!("Changes could not be delivered to the job {id} within 20 hours"),
        &format!(
            "      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions:
        - {{ Name: QueueName, Value: !GetAtt {name}Queue.QueueName }}
      Statistic: Maximum
      Period: 300
      Threshold: 0"
        ),
    );
    let failed = alarm(
        "Failed",
        &format!("The job {id} has passed over changes that it cannot read"),
        &format!(
            "      Namespace: !Ref AWS::StackName
      MetricName: FailedRecords
      Dimensions:
        - {{ Name: job, Value: {id} }}
      Statistic: Sum
      Period: 300
      Threshold: 0"
        ),
    );
    age + &queue + &failed
}

/// Returns what the role of a job of the stream allows besides the table.
fn stream_statements(name: &str) -> String {
    STREAM_STATEMENTS.replace("{name}", name)
}

/// The statements of [`stream_statements`].
const STREAM_STATEMENTS: &str = "              - Effect: Allow
                Action:
                  - dynamodb:DescribeStream
                  - dynamodb:GetRecords
                  - dynamodb:GetShardIterator
                Resource: !If
                  - HasRestoredTable
                  - !Sub arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${RestoredTableName}/stream/${RestoredTableStreamLabel}
                  - !GetAtt Table.StreamArn
              - Effect: Allow
                Action: dynamodb:ListStreams
                Resource: !If
                  - HasRestoredTable
                  - !Sub arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${RestoredTableName}/stream/*
                  - !Sub ${Table.Arn}/stream/*
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: !GetAtt {name}Queue.Arn
              - !If
                - HasEventBus
                - Effect: Allow
                  Action: events:PutEvents
                  Resource: !Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBusName}
                - !Ref AWS::NoValue
";

/// Returns the filters of a stream, which leave out the items that change most and that no reader sees.
fn filters() -> String {
    let types = [row::ENTITY_TYPE, tombstone::ENTITY_TYPE, idempotency::ENTITY_TYPE];
    let except = json!([{"anything-but": types}]);
    let image = |name: &str| json!({name: {"entityType": {"S": except}}});
    let filters = [
        json!({"eventName": ["INSERT", "MODIFY"], "dynamodb": image("NewImage")}),
        json!({"eventName": ["REMOVE"], "dynamodb": image("OldImage")}),
    ];
    let lines: Vec<String> =
        filters.iter().map(|filter| format!("          - Pattern: '{filter}'")).collect();
    lines.join("\n")
}

/// Returns the function of a job, which ends before its next run begins, and the alarm that it does not run or makes no
/// progress.
fn job(job: &Job) -> Result<String, Error> {
    let Job { id, summary, minutes, .. } = job;
    let name = pascal_case(id);
    let rate = if *minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") };
    Ok(format!(
        "  # {summary}. It has no caller, and repeats no failed run: the next one follows soon.
{}      Timeout: {}
      EventInvokeConfig:
        MaximumRetryAttempts: 0
      Events:
        Schedule:
          Type: Schedule
          Properties:
            Schedule: rate({rate})

{}
  {name}Alarm:
    Type: AWS::CloudWatch::Alarm
    Condition: HasAlarms
    Properties:
      AlarmDescription: The job {id} fails, does not run, or has not finished something for an hour
      Namespace: !Ref AWS::StackName
      MetricName: BacklogAge
      Dimensions:
        - {{ Name: job, Value: {id} }}
      Statistic: Maximum
      Period: 300
      ComparisonOperator: GreaterThanThreshold
      Threshold: 3600
      EvaluationPeriods: 3
      DatapointsToAlarm: 3
      TreatMissingData: breaching
      AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]
      OKActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]
",
        declaration(&name, id),
        60 * minutes,
        role(&name, &actions_of_job(id)?),
    ))
}

/// Returns the role of a function, which allows these actions on the table. SAM would create one with the same name, but
/// could not attach the permissions for a VPC only where there is one.
fn role(function: &str, actions: &BTreeSet<String>) -> String {
    let mut list = String::new();
    for action in actions {
        let _ = write!(list, "\n                  - dynamodb:{action}");
    }
    format!(
        "  {function}Role:
    Type: AWS::IAM::Role
    Properties:
      PermissionsBoundary: !If [HasPermissionsBoundary, !Ref PermissionsBoundaryArn, !Ref AWS::NoValue]
      AssumeRolePolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - Effect: Allow
            Principal: {{ Service: lambda.amazonaws.com }}
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub arn:${{AWS::Partition}}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
        - !Sub arn:${{AWS::Partition}}:iam::aws:policy/AWSXrayWriteOnlyAccess
        - !If
          - HasVpc
          - !Sub arn:${{AWS::Partition}}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole
          - !Ref AWS::NoValue
      Policies:
        - PolicyName: table
          PolicyDocument:
            Version: \"2012-10-17\"
            Statement:
              - Effect: Allow
                Action:{list}
                Resource: !If
                  - HasRestoredTable
                  - !Sub arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/${{RestoredTableName}}
                  - !GetAtt Table.Arn
"
    )
}

/// Returns `create-client` as `CreateClient`.
pub(super) fn pascal_case(id: &str) -> String {
    id.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
