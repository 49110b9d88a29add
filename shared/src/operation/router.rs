//! Routes requests to operations.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::Operation;
use crate::clock::Deadline;
use crate::error::ApiError;
use crate::http::{RawRequest, Request, Target};

/// Routes a request to one of the `operations`. A `HEAD` request becomes the `GET` request whose response
/// it describes.
///
/// # Errors
/// Returns [`ApiError::NoRoute`] if no operation has the path, or [`ApiError::MethodNotAllowed`] if
/// none of those has the method.
pub fn route<'a>(
    operations: impl IntoIterator<Item = &'a Operation>,
    mut raw: RawRequest,
    deadline: Deadline,
) -> Result<(&'a Operation, Request), ApiError> {
    let mut of_path = Vec::new();
    let mut found = None;
    for operation in operations {
        if let Some(parameters) = parameters_of(operation.base_and_path(), &raw.target) {
            of_path.push(operation);
            if operation.methods().any(|method| raw.method == method) {
                found = found.or(Some((operation, parameters)));
            }
        }
    }
    let Some((operation, parameters)) = found else {
        return Err(if of_path.is_empty() {
            ApiError::NoRoute
        } else {
            ApiError::MethodNotAllowed { allowed: allowed_methods(of_path) }
        });
    };
    raw.method = operation.method.clone();
    Ok((operation, Request::new(parameters, raw, deadline)))
}

/// Returns the `Allow` header of a path with these operations. Every path responds to `OPTIONS`.
pub fn allowed_methods<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> String {
    let methods = operations.into_iter().flat_map(Operation::methods);
    let mut methods: Vec<&str> = methods.chain(["OPTIONS"]).collect();
    methods.sort_unstable();
    methods.join(", ")
}

/// Returns the parameters of a path, decoded once; `None` if the path does not match the template.
fn parameters_of((base, template): (&str, &str), target: &Target) -> Option<BTreeMap<String, String>> {
    let (path, encoded) = match target {
        Target::Encoded(path) => (path, true),
        Target::Decoded(path) => (path, false),
        Target::Matched { template: matched, parameters } => {
            let (_, matched) = matched.split_once(base)?;
            let names = template.split('/').filter_map(name_of);
            let is_whole = names.clone().count() == parameters.len()
                && names.clone().all(|name| parameters.get(name).is_some_and(|value| !value.is_empty()));
            return (matched == template && is_whole).then(|| parameters.clone());
        }
    };
    let (_, path) = path.split_once(base)?;
    let mut parameters = BTreeMap::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        match name_of(expected) {
            Some(_) if segment.is_empty() => return None,
            Some(name) if encoded => {
                let value = percent_decode_str(segment).decode_utf8().ok()?;
                parameters.insert(name.to_owned(), value.into_owned());
            }
            Some(name) => {
                parameters.insert(name.to_owned(), segment.to_owned());
            }
            None if segment == expected => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}

/// Returns the parameter name of a template's segment, if it is a parameter.
fn name_of(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
pub(crate) mod tests;
