//! The definition of the table in the template of the deployment.
//!
//! The local table is created from `template.yaml`, so that its keys cannot differ from those of the deployed
//! table.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamViewType,
};
use saphyr::{LoadableYamlNode, Yaml};

use crate::error::Error;

/// The template of the deployment at build time.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// The definition of a table for `CreateTable`, without its name.
#[derive(Clone, Debug, PartialEq)]
pub struct TableDefinition {
    /// The attributes of the primary key, in order.
    pub key_schema: Vec<KeySchemaElement>,
    /// The types of the attributes.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The billing mode. It has no effect on the embedded engine.
    pub billing_mode: BillingMode,
    /// What the records of the stream have. A local table has a stream from the first time on that it is served.
    pub stream_view_type: StreamViewType,
}

impl TableDefinition {
    /// Reads the resource of type `AWS::DynamoDB::Table` from a CloudFormation template.
    ///
    /// # Errors
    /// [`Error::Template`] if the text is not valid YAML, does not contain exactly one table, or the table has
    /// indexes, which the local table does not support.
    pub fn from_template(text: &str) -> Result<Self, Error> {
        let documents = Yaml::load_from_str(text).map_err(|error| Error::Template(error.to_string()))?;
        let tables: Vec<&Yaml<'_>> = documents
            .first()
            .and_then(|document| document.as_mapping_get("Resources"))
            .and_then(Yaml::as_mapping)
            .into_iter()
            .flat_map(|resources| resources.values())
            .filter(|resource| text_of(resource, "Type") == Some("AWS::DynamoDB::Table"))
            .collect();
        let [table] = tables.as_slice() else {
            return Err(Error::Template(format!(
                "expected one resource of type AWS::DynamoDB::Table, found {}",
                tables.len()
            )));
        };
        let properties = table
            .as_mapping_get("Properties")
            .ok_or_else(|| Error::Template("the table has no Properties".to_owned()))?;
        for indexes in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
            if properties.contains_mapping_key(indexes) {
                return Err(Error::Template(format!(
                    "the table has {indexes}, which the local table does not support"
                )));
            }
        }
        let view_type = properties
            .as_mapping_get("StreamSpecification")
            .and_then(|stream| StreamViewType::try_parse(text_of(stream, "StreamViewType")?).ok());
        let unsupported =
            || Error::Template("the StreamSpecification of the table is not supported".to_owned());
        Ok(Self {
            key_schema: elements(properties, "KeySchema", key_schema_element)?,
            attribute_definitions: elements(properties, "AttributeDefinitions", attribute_definition)?,
            billing_mode: BillingMode::PayPerRequest,
            stream_view_type: view_type.ok_or_else(unsupported)?,
        })
    }
}

fn text_of<'yaml>(node: &'yaml Yaml<'_>, name: &str) -> Option<&'yaml str> {
    node.as_mapping_get(name).and_then(Yaml::as_str)
}

fn elements<T>(
    properties: &Yaml<'_>,
    name: &str,
    element: fn(&Yaml<'_>) -> Option<T>,
) -> Result<Vec<T>, Error> {
    let unsupported = || Error::Template(format!("the {name} of the table is not supported"));
    let nodes = properties.as_mapping_get(name).and_then(Yaml::as_vec).ok_or_else(unsupported)?;
    let elements: Option<Vec<T>> = nodes.iter().map(element).collect();
    elements.ok_or_else(unsupported)
}

fn key_schema_element(node: &Yaml<'_>) -> Option<KeySchemaElement> {
    KeySchemaElement::builder()
        .attribute_name(text_of(node, "AttributeName")?)
        .key_type(KeyType::try_parse(text_of(node, "KeyType")?).ok()?)
        .build()
        .ok()
}

fn attribute_definition(node: &Yaml<'_>) -> Option<AttributeDefinition> {
    AttributeDefinition::builder()
        .attribute_name(text_of(node, "AttributeName")?)
        .attribute_type(ScalarAttributeType::try_parse(text_of(node, "AttributeType")?).ok()?)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{TEMPLATE, TableDefinition};

    fn shape(definition: &TableDefinition) -> Vec<String> {
        let keys =
            definition.key_schema.iter().map(|key| format!("{} {}", key.attribute_name(), key.key_type()));
        let attributes = definition
            .attribute_definitions
            .iter()
            .map(|attribute| format!("{} {}", attribute.attribute_name(), attribute.attribute_type()));
        keys.chain(attributes).collect()
    }

    fn error(text: &str) -> String {
        TableDefinition::from_template(text).expect_err("an error").to_string()
    }

    #[test]
    fn the_template_of_the_repository_defines_the_table() {
        let definition = TableDefinition::from_template(TEMPLATE).expect("a table");
        assert_eq!(shape(&definition), ["PK HASH", "SK RANGE", "PK S", "SK S"]);
    }

    #[test]
    fn cloudformation_tags_are_accepted() {
        let text = "
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties: { Role: !GetAtt Role.Arn, Name: !Sub '${AWS::StackName}-x' }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Ref Name
      KeySchema:
        - { AttributeName: A, KeyType: HASH }
      AttributeDefinitions:
        - { AttributeName: A, AttributeType: S }
      StreamSpecification:
        StreamViewType: NEW_AND_OLD_IMAGES
";
        let definition = TableDefinition::from_template(text).expect("a table");
        assert_eq!(shape(&definition), ["A HASH", "A S"]);
    }

    #[test]
    fn a_table_without_a_stream_is_rejected() {
        let text = "{Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {KeySchema: [], AttributeDefinitions: []}}}}";
        assert_eq!(error(text), "template.yaml: the StreamSpecification of the table is not supported");
    }

    #[test]
    fn a_template_without_a_table_is_rejected() {
        assert_eq!(
            error("Resources: {}"),
            "template.yaml: expected one resource of type AWS::DynamoDB::Table, found 0"
        );
    }

    #[test]
    fn a_table_with_an_index_is_rejected() {
        let text =
            "{Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {GlobalSecondaryIndexes: []}}}}";
        assert_eq!(
            error(text),
            "template.yaml: the table has GlobalSecondaryIndexes, which the local table does not support"
        );
    }

    #[test]
    fn an_unknown_key_type_is_rejected() {
        let text = "{Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {KeySchema: [{AttributeName: A, KeyType: OTHER}]}}}}";
        assert_eq!(error(text), "template.yaml: the KeySchema of the table is not supported");
    }
}
