//! The functions of the template with their policies and routes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use functions::{JOBS, OPERATIONS};
use shared::job::Job;
use shared::operation::Operation;

use super::{Output, routed_methods};
use crate::costs::{Cost, actions_of_job};
use crate::error::Error;

/// Returns the section of `template.yaml` with one function per operation.
pub(super) fn output() -> Result<Output, Error> {
    let functions: Result<Vec<String>, Error> = OPERATIONS.into_iter().map(function).collect();
    Ok(Output::Section { path: "template.yaml", name: "functions", content: functions?.join("\n") })
}

fn function(operation: &Operation) -> Result<String, Error> {
    let Operation { id, .. } = operation;
    let path = operation.full_path();
    let events: String = routed_methods(operation).into_iter().map(|method| event(method, &path)).collect();
    Ok(format!(
        "  {}:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties:
        Binary: {id}
    Properties:
{}      Events:
{events}",
        pascal_case(id),
        policies(&Cost::of(id)?.actions(operation)?),
    ))
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
      Timeout: {}
{}      EventInvokeConfig:
        MaximumRetryAttempts: 0
      Events:
        Schedule:
          Type: Schedule
          Properties:
            Schedule: rate({rate})

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
        policies(&actions_of_job(job)?),
    ))
}

/// Returns the policy that allows these actions on the table.
fn policies(actions: &BTreeSet<String>) -> String {
    let mut list = String::new();
    for action in actions {
        let _ = write!(list, "\n                - dynamodb:{action}");
    }
    format!(
        "      Policies:
        - Version: \"2012-10-17\"
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

/// Returns the event that routes a method of a path to a function.
fn event(method: &str, path: &str) -> String {
    format!(
        "        {}:
          Type: Api
          Properties:
            RestApiId: !Ref Api
            Method: {method}
            Path: {path}
",
        pascal_case(&method.to_lowercase())
    )
}

/// Returns `create-client` as `CreateClient`.
fn pascal_case(id: &str) -> String {
    id.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
