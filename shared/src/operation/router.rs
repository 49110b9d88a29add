//! Finds the operation of a request.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::Operation;
use crate::clock::Deadline;
use crate::error::ApiError;
use crate::http::{RawRequest, Request, Target, split_base};

/// Finds the operation of a request among `operations`.
///
/// # Errors
/// [`ApiError::NoRoute`], then [`ApiError::MethodNotAllowed`].
pub fn route<'a>(
    operations: impl IntoIterator<Item = &'a Operation>,
    raw: RawRequest,
    deadline: Deadline,
) -> Result<(&'a Operation, Request), ApiError> {
    let mut allowed = Vec::new();
    let mut found = None;
    for operation in operations {
        if let Some(parameters) = parameters_of(operation.path, &raw.target) {
            allowed.push(operation.method.as_str());
            if operation.method == raw.method {
                found = found.or(Some((operation, parameters)));
            }
        }
    }
    let Some((operation, parameters)) = found else {
        allowed.sort_unstable();
        return Err(match allowed.join(", ") {
            none if none.is_empty() => ApiError::NoRoute,
            allowed => ApiError::MethodNotAllowed { allowed },
        });
    };
    Ok((operation, Request::new(parameters, raw, deadline)))
}

/// The parameters of a path, decoded once; `None` when the path is not the operation's.
fn parameters_of(template: &str, target: &Target) -> Option<BTreeMap<String, String>> {
    let (path, encoded) = match target {
        Target::Encoded(path) => (path, true),
        Target::Decoded(path) => (path, false),
        Target::Matched { template: matched, parameters } => {
            let (_, matched) = split_base(matched)?;
            let names = template.split('/').filter_map(name_of);
            let is_whole = names.clone().count() == parameters.len()
                && names.clone().all(|name| parameters.get(name).is_some_and(|value| !value.is_empty()));
            return (matched == template && is_whole).then(|| parameters.clone());
        }
    };
    let (_, path) = split_base(path)?;
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

/// The name of a parameter, from its place in the path of an operation.
fn name_of(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
pub(crate) mod tests;
