//! The functions of the template with their policies and routes.

use std::fmt::Write as _;

use functions::OPERATIONS;
use shared::operation::Operation;

use super::{Output, routed_methods};
use crate::costs::Cost;
use crate::error::Error;

/// Returns the section of `template.yaml` with one function per operation.
pub(super) fn output() -> Result<Output, Error> {
    let functions: Result<Vec<String>, Error> = OPERATIONS.into_iter().map(function).collect();
    Ok(Output::Section { path: "template.yaml", name: "functions", content: functions?.join("\n") })
}

fn function(operation: &Operation) -> Result<String, Error> {
    let Operation { id, .. } = operation;
    let path = operation.full_path();
    let mut actions = String::new();
    for action in Cost::of(id)?.actions(operation)? {
        let _ = write!(actions, "\n                - dynamodb:{action}");
    }
    let events: String = routed_methods(operation).into_iter().map(|method| event(method, &path)).collect();
    Ok(format!(
        "  {}:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties:
        Binary: {id}
    Properties:
      Policies:
        - Version: \"2012-10-17\"
          Statement:
            - Effect: Allow
              Action:{actions}
              Resource: !If
                - HasRestoredTable
                - !Sub arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/${{RestoredTableName}}
                - !GetAtt Table.Arn
      Events:
{events}",
        pascal_case(id)
    ))
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
