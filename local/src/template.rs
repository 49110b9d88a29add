//! The table as the deployment describes it.
//!
//! The local table is made from `template.yaml`, so that its keys cannot
//! differ from those of the deployed one.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use saphyr::{LoadableYamlNode, Yaml};

use crate::error::Error;

/// The deployment's template, as it was when this program was built.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// What `CreateTable` needs to know of a table, besides its name.
#[derive(Clone, Debug, PartialEq)]
pub struct TableDefinition {
    /// The attributes that form the primary key, in their order.
    pub key_schema: Vec<KeySchemaElement>,
    /// The types of those attributes.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// How the table is paid for; of no effect on the embedded engine.
    pub billing_mode: BillingMode,
}

impl TableDefinition {
    /// Reads the one resource of the type `AWS::DynamoDB::Table` of a
    /// CloudFormation template.
    ///
    /// # Errors
    /// [`Error::Template`] when the text is no YAML, has no table or several,
    /// or when the table has anything that its keys alone do not describe
    /// (indexes), because the local table would then differ.
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
                "expected one resource of the type AWS::DynamoDB::Table, found {}",
                tables.len()
            )));
        };
        let properties = table
            .as_mapping_get("Properties")
            .ok_or_else(|| Error::Template("the table has no Properties".to_owned()))?;
        for indexes in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
            if properties.contains_mapping_key(indexes) {
                return Err(Error::Template(format!(
                    "the table has {indexes}, which the local table does not make"
                )));
            }
        }
        Ok(Self {
            key_schema: elements(properties, "KeySchema", key_schema_element)?,
            attribute_definitions: elements(properties, "AttributeDefinitions", attribute_definition)?,
            billing_mode: BillingMode::PayPerRequest,
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
    let not_understood = || Error::Template(format!("the table's {name} is not understood"));
    let nodes = properties.as_mapping_get(name).and_then(Yaml::as_vec).ok_or_else(not_understood)?;
    let elements: Option<Vec<T>> = nodes.iter().map(element).collect();
    elements.ok_or_else(not_understood)
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

    fn refusal(text: &str) -> String {
        TableDefinition::from_template(text).expect_err("the template is refused").to_string()
    }

    #[test]
    fn the_repositorys_template_describes_the_table_of_the_design() {
        let definition = TableDefinition::from_template(TEMPLATE).expect("a table");
        assert_eq!(shape(&definition), ["PK HASH", "SK RANGE", "PK S", "SK S"]);
    }

    #[test]
    fn cloudformation_tags_do_not_disturb() {
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
";
        let definition = TableDefinition::from_template(text).expect("a table");
        assert_eq!(shape(&definition), ["A HASH", "A S"]);
    }

    #[test]
    fn a_template_without_its_table_is_refused() {
        assert_eq!(
            refusal("Resources: {}"),
            "template.yaml: expected one resource of the type AWS::DynamoDB::Table, found 0"
        );
    }

    #[test]
    fn a_table_with_an_index_is_refused() {
        let text =
            "{Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {GlobalSecondaryIndexes: []}}}}";
        assert_eq!(
            refusal(text),
            "template.yaml: the table has GlobalSecondaryIndexes, which the local table does not make"
        );
    }

    #[test]
    fn a_key_of_an_unknown_type_is_refused() {
        let text = "{Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {KeySchema: [{AttributeName: A, KeyType: OTHER}]}}}}";
        assert_eq!(refusal(text), "template.yaml: the table's KeySchema is not understood");
    }
}
