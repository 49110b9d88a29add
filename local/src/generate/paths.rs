//! The routes of the functions, and the gateway's responses to other methods of a path, in the `DefinitionBody` of the
//! template.

use std::fmt::Write as _;

use shared::operation::{Operation, allowed_methods};

use super::functions::pascal_case;
use super::{Output, by_path, routed_methods};

/// Returns the section of `template.yaml` with the methods of each path.
pub(super) fn output() -> Output {
    let mut content = String::new();
    for (path, operations) in by_path() {
        let _ = writeln!(content, "          {path}:");
        content.extend(operations.iter().map(|operation| routes(operation)));
        content.push_str(&method_not_allowed(&allowed_methods(operations)));
    }
    Output::Section { path: "template.yaml", name: "paths", content }
}

/// Returns the methods that call a function. Events of the functions would result in the same, and in a permission for
/// each of them.
fn routes(operation: &Operation) -> String {
    let function = pascal_case(operation.id);
    let route = |method: &str| {
        format!(
            "            {}:
              responses: {{}}
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                uri: !If
                  - HasGradualDeployment
                  - !Sub arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function}Alias}}/invocations
                  - !Sub arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations
",
            method.to_lowercase()
        )
    };
    routed_methods(operation).into_iter().map(route).collect()
}

fn method_not_allowed(allowed: &str) -> String {
    format!(
        r#"            x-amazon-apigateway-any-method:
              responses:
                "405":
                  description: Method not allowed
                  headers:
                    Allow: {{ schema: {{ type: string }} }}
                    Cache-Control: {{ schema: {{ type: string }} }}
                    Access-Control-Allow-Origin: {{ schema: {{ type: string }} }}
                    Access-Control-Expose-Headers: {{ schema: {{ type: string }} }}
              x-amazon-apigateway-integration:
                type: mock
                passthroughBehavior: never
                requestTemplates: {{ application/json: '{{"statusCode": 405}}' }}
                responses:
                  default:
                    statusCode: "405"
                    responseParameters:
                      method.response.header.Allow: "'{allowed}'"
                      method.response.header.Cache-Control: "'no-store'"
                      method.response.header.Access-Control-Allow-Origin: !If [HasCorsAllowedOrigins, "'*'", !Ref AWS::NoValue]
                      method.response.header.Access-Control-Expose-Headers: !If [HasCorsAllowedOrigins, "'*'", !Ref AWS::NoValue]
                    responseTemplates:
                      application/json: '{{"errors":[{{"code":"errors.unsupportedOperation","message":"Method not allowed"}}]}}'
"#
    )
}
