//! Selection of the operations that are built and checked.

use functions::OPERATIONS;
use shared::operation::Operation;

use crate::Result;
use crate::measure::sizes::Size;

/// Operations of the default check. Linking a function takes half a minute, and the functions share nearly
/// all of their code.
const SAMPLE: [&str; 3] = ["create-consent", LARGEST, SMALLEST];
/// Operation with one of the largest zips. That of `create-fido-authenticator` is larger by less than the tolerance,
/// but its request succeeds only once its authenticator was deleted.
const LARGEST: &str = "update-mobile-signature";
/// Operation with the smallest zip.
const SMALLEST: &str = "get-health";
/// Tolerance for other zips beyond these two. A new version of the compiler or of a library may change the
/// order of similar sizes.
const TOLERANCE: f64 = 1.01;

/// Returns all operations.
pub(crate) fn all() -> Vec<&'static Operation> {
    OPERATIONS.to_vec()
}

/// Returns the operations of the sample.
pub(crate) fn sample() -> Result<Vec<&'static Operation>> {
    SAMPLE.into_iter().map(operation).collect()
}

/// Returns the operation with this id alone.
pub(crate) fn only(id: &str) -> Result<Vec<&'static Operation>> {
    Ok(vec![operation(id)?])
}

fn operation(id: &str) -> Result<&'static Operation> {
    let found = OPERATIONS.iter().copied().find(|operation| operation.id == id);
    found.ok_or_else(|| format!("unknown operation {id}").into())
}

/// Returns a message for each function that is larger than the largest one of the sample or smaller than the
/// smallest.
pub(crate) fn outside(sizes: &[Size]) -> Vec<String> {
    let zip = |id: &str| sizes.iter().find(|size| size.program == id).map(|size| size.zip);
    let (Some(largest), Some(smallest)) = (zip(LARGEST), zip(SMALLEST)) else {
        return vec![format!("{LARGEST} or {SMALLEST} was not measured")];
    };
    let functions = sizes.iter().filter(|size| size.is_of_a_function());
    let outside = functions.filter(|size| size.zip > largest * TOLERANCE || size.zip < smallest / TOLERANCE);
    outside
        .map(|size| {
            let (name, zip) = (&size.program, size.zip);
            format!("the zip of {name} has {zip:.2} MB, outside the sample, {smallest:.2} to {largest:.2} MB")
        })
        .collect()
}
