//! The functions of the template with their roles and permissions.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use functions::{JOBS, OPERATIONS};
use shared::job::Job;
use shared::operation::Operation;

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
        "  {name}:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties:
        Binary: {id}
    Properties:
      Role: !GetAtt {name}Role.Arn

{}
{}
{}",
        role(&name, &Cost::of(id)?.actions(operation)?),
        permission(&name, &operation.full_path()),
        gradual_deployment(&name),
    ))
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
        Enabled: true
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
    let jobs: Result<Vec<String>, Error> = JOBS.into_iter().map(job).collect();
    Ok(Output::Section { path: "template.yaml", name: "jobs", content: jobs?.join("\n") })
}

/// Returns the function of a job, which ends before its next run begins, and the alarm that it does not run or makes no
/// progress.
fn job(job: &Job) -> Result<String, Error> {
    let Job { id, summary, minutes, .. } = job;
    let name = pascal_case(id);
    let rate = if *minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") };
    Ok(format!(
        "  # {summary}. It has no caller, and repeats no failed run: the next one follows soon.
  {name}:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties:
        Binary: {id}
    Properties:
      Role: !GetAtt {name}Role.Arn
      Timeout: {}
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
        60 * minutes,
        role(&name, &actions_of_job(job)?),
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
