//! The rules that hold for every operation. Each rule is a function of the operation's row, and has a
//! test for each operation: `operations::rights::each_missing_right_is_named::get_consent`.

pub(crate) mod bodies;
pub(crate) mod calls;
pub(crate) mod fields;
pub(crate) mod rows;

mod archived;
mod bearer_token;
mod concurrency;
mod configured;
mod data_rooms;
mod failures;
mod figures;
mod lists;
mod order;
mod patches;
mod readback;
mod reads;
mod rights;
mod shared_items;
mod table;
mod writers;
mod x_token;

use self::rows::Row;

/// Lists the resources that have rows. Defines [`all_rows`] and [`for_each_operation!`].
macro_rules! resources {
    ($($module:ident),+ $(,)?) => {
        resources!(@ ($) $($module),+);
    };
    (@ ($d:tt) $($module:ident),+) => {
        /// Returns the rows of all operations that require a token.
        pub(crate) fn all_rows() -> impl Iterator<Item = &'static Row> {
            [$(crate::$module::rows::ROWS),+].into_iter().flatten()
        }

        /// Declares a test for each operation of each of these rules. A rule is an async function of a
        /// row, the tests are in a module of its name. Attributes, such as `#[ignore]`, apply to the tests.
        macro_rules! for_each_operation {
            ($d($d(#[$d attribute:meta])* $d rule:ident),+ $d(,)?) => {
                $d(
                    mod $d rule {
                        $(crate::$module::rows::each!($d(#[$d attribute])* super::$d rule);)+
                    }
                )+
            };
        }
        pub(crate) use for_each_operation;
    };
}

resources!(
    clients,
    units,
    policies,
    users,
    profiles,
    terms,
    personal_questions,
    consents,
    properties,
    mobile_signature,
    dispatch_targets,
    app_attestation,
    fido_authenticators,
    credentials,
    deletions,
    history,
    permissions
);

/// Runs a rule for an operation.
pub(crate) fn run<Rule: Future<Output = ()>>(rule: impl Fn(&'static Row) -> Rule, row: &'static Row) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(rule(row));
}
