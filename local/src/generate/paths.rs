//! The gateway's responses to unsupported methods of a path, in the `DefinitionBody` of the template.

use shared::operation::allowed_methods;

use super::{Output, by_path};

/// Returns the section of `template.yaml` with one response per path.
pub(super) fn output() -> Output {
    let paths = by_path()
        .into_iter()
        .map(|(path, operations)| method_not_allowed(&path, &allowed_methods(operations)));
    Output::Section { path: "template.yaml", name: "paths", content: paths.collect() }
}

fn method_not_allowed(path: &str, allowed: &str) -> String {
    format!(
        r#"          {path}:
            x-amazon-apigateway-any-method:
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
