//! `GET /clients/{clientExtId}/users`: returns a page of the users of a client.

use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind};
use shared::entity::{EXT_ID, FieldValue as _};
use shared::error::ApiError;
use shared::http::query::Query;
use shared::http::{Method, Request, Response};
use shared::ids::{MAX_BYTES, UserExtId};
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, List};
use shared::table::{Item, Key, Order, TableError};

use super::copies::{Index, email_part, is_cut, lower_case};
use super::person::{MAX_LOGIN_ID, is_login_id};
use super::{
    Contacts, LOGIN_ID, USER_DETAILS, USER_STATE, User, UserPath, UserState, access_to, directory_key,
    login_id_key,
};
use crate::clients;

/// The query parameter with the order.
const SORT_BY: &str = "sortBy";
/// The orders. The first three are those of the lists, and ascending is the default.
const ORDERS: &[&str] = &[
    "extId",
    "loginId",
    "contacts.email",
    "extId_ASC",
    "loginId_ASC",
    "contacts.email_ASC",
    "extId_DESC",
    "loginId_DESC",
    "contacts.email_DESC",
];
/// The query parameter that asks for the number of all users that match.
const COUNT: &str = "returnTotalResultCount";
/// A text of any length, but not empty.
const NOT_EMPTY: FieldKind = FieldKind::Text { min: 1, max: usize::MAX };

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-users",
    method: Method::GET,
    path: "/clients/{clientExtId}/users",
    entry: Entry::Authenticated {
        needs: Needs::all(&[
            Right::ClientView,
            Right::UserView,
            Right::PropertyView,
            Right::PropertyValueView,
            Right::PropertyAllowedValueView,
        ]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List users",
        details: "Returns a page of the users of a client that the caller's data rooms cover, ordered by \
                  external identifier, login ID or e-mail address. A request filters by the member by which \
                  it orders, and by state. The number of all users, and a list by login ID or e-mail address \
                  without a filter for the whole value, require rights over all units.",
        query: &[
            Field { ..PAGE[0] },
            Field { ..PAGE[1] },
            Field::optional("extId", NOT_EMPTY, "External identifier."),
            Field::optional(
                "extId_SW",
                FieldKind::Text { min: 1, max: MAX_BYTES },
                "Beginning of the external identifier.",
            ),
            Field::optional("loginId", NOT_EMPTY, "Login ID."),
            Field::optional(
                "loginId_SW",
                FieldKind::Text { min: 1, max: MAX_LOGIN_ID },
                "Beginning of the login ID, regardless of letter case.",
            ),
            Field::optional("loginId_IEQ", NOT_EMPTY, "Login ID, regardless of letter case."),
            Field::optional("contacts.email", NOT_EMPTY, "E-mail address."),
            Field::optional(
                "contacts.email_SW",
                NOT_EMPTY,
                "Beginning of the e-mail address, regardless of letter case.",
            ),
            Field::optional("contacts.email_IEQ", NOT_EMPTY, "E-mail address, regardless of letter case."),
            Field::optional(USER_STATE, FieldKind::Enum(UserState::NAMES), "State."),
            Field::optional(
                SORT_BY,
                FieldKind::Enum(ORDERS),
                "Order. The default is that of the filter, or by external identifier.",
            ),
            Field::optional(
                COUNT,
                FieldKind::Boolean,
                "Whether the page has the number of all users that match, which takes longer the more they \
                 are.",
            ),
        ],
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&USER_DETAILS),
            example: r#"{
                "items": [{
                    "extId": "user-123",
                    "clientExtId": "100",
                    "loginId": "jdoe",
                    "userState": "active",
                    "isTechnicalUser": false,
                    "name": {"firstName": "Jane", "familyName": "Doe"},
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[Link { operation: "create-user", parameters: &[("clientExtId", Source::Path)] }],
    },
};

/// The query parameters that filter by the member of each list: an equal value, its beginning, and a value that
/// is equal regardless of letter case.
const FILTERS: [(Index, &[&str]); 3] = [
    (Index::ExtId, &["extId", "extId_SW"]),
    (Index::LoginId, &["loginId", "loginId_SW", "loginId_IEQ"]),
    (Index::Email, &["contacts.email", "contacts.email_SW", "contacts.email_IEQ"]),
];

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let mut query = request.query();
    let (index, order, filters) = read_selection(&mut query);
    let state = query.take_as(USER_STATE, UserState::parse);
    let is_counted = query.take_as(COUNT, |text| text.parse().ok()).unwrap_or_default();
    if is_counted && index == Index::Email && !filters.are_in_key() {
        query.refuse(COUNT);
    }

    let client = request.client();
    let pk = index.partition(&client);
    let sk_prefix = format!("{}{}", index.prefix(), filters.key_part(index));
    let list = List {
        order,
        filter: state.map(|state| (USER_STATE, state.as_str())),
        is_counted,
        // A position is a login ID or e-mail address of a user whom a page may leave out.
        is_of_all_units: is_counted || (index != Index::ExtId && filters.whole().is_none()),
        // The other copies lack the profiles, which decide for a caller with rights over some units only.
        original: (index != Index::ExtId && access.require_all_units().is_err()).then_some(entry_key),
        ..List::from((&pk, &sk_prefix))
    };
    let shown = |item: &Item| {
        let matches = filters.match_in(index, item)?
            && state.is_none_or(|state| item.text(USER_STATE).is_ok_and(|text| text == state.as_str()));
        let covered = || access.if_covered(&access_to(item)?, || clients::show::<User>(item));
        if matches { covered() } else { Ok(None) }
    };
    match filters.whole() {
        Some(whole) if index != Index::Email => {
            let list = List { sk_prefix: index.prefix(), ..list };
            let key = match index {
                Index::LoginId => is_login_id(whole).then(|| login_id_key(&client, whole)),
                Index::ExtId | Index::Email => {
                    Some(directory_key(&UserPath { client, user: UserExtId::unchecked(whole) }))
                }
            };
            access.page_of(query, list, key.into_iter().collect(), shown).await
        }
        Some(_) | None => access.filtered_page(query, list, shown).await,
    }
}

/// Returns the key of the entry of a user, of whom `item` is another copy.
fn entry_key(item: &Item) -> Result<Key, TableError> {
    Ok(directory_key(&UserPath::of_copy(item)?))
}

/// The filters by the member of a list, all of which must match.
#[derive(Debug, Default)]
struct Filters {
    equal: Option<String>,
    beginning: Option<String>,
    /// Equal regardless of letter case.
    alike: Option<String>,
}

impl Filters {
    fn is_empty(&self) -> bool {
        self.whole().is_none() && self.beginning.is_none()
    }

    /// Returns the names of the filters that are given, of the names of all.
    fn names(&self, names: &[&'static str]) -> impl Iterator<Item = &'static str> {
        let texts = [&self.equal, &self.beginning, &self.alike];
        names.iter().zip(texts).filter(|(_, text)| text.is_some()).map(|(name, _)| *name)
    }

    /// Returns the whole value that is searched for, if it is known.
    fn whole(&self) -> Option<&str> {
        self.equal.as_deref().or(self.alike.as_deref())
    }

    /// Returns how the sort keys of the users that can match continue after the prefix of the list.
    fn key_part(&self, index: Index) -> String {
        let beginning = self.beginning.as_deref().unwrap_or_default();
        match index {
            Index::ExtId => beginning.to_owned(),
            Index::LoginId => beginning.to_ascii_lowercase(),
            Index::Email => match self.whole() {
                Some(email) => format!("{}#", email_part(email)),
                None => email_part(beginning),
            },
        }
    }

    /// Returns true if the key of an e-mail address tells whether the filters match: it does not tell letter case,
    /// and may be cut.
    fn are_in_key(&self) -> bool {
        let mut texts = self.beginning.iter().chain(&self.alike);
        self.equal.is_none() && texts.all(|text| !is_cut(text))
    }

    /// Returns true if the user of an item matches.
    fn match_in(&self, index: Index, item: &Item) -> Result<bool, TableError> {
        let value = match index {
            Index::ExtId => item.text(EXT_ID)?.to_owned(),
            Index::LoginId => item.text(LOGIN_ID)?.to_owned(),
            Index::Email => Contacts::load(item, "contacts")?.email.unwrap_or_default().to_string(),
        };
        let begins_with = |beginning: &str| {
            let mut characters = lower_case(&value);
            let is_alike = lower_case(beginning).all(|character| characters.next() == Some(character));
            if index == Index::ExtId { value.starts_with(beginning) } else { is_alike }
        };
        Ok(self.equal.as_ref().is_none_or(|equal| value == *equal)
            && self.beginning.as_deref().is_none_or(begins_with)
            && self.alike.as_ref().is_none_or(|alike| lower_case(&value).eq(lower_case(alike))))
    }
}

/// Returns the text of a filter, unless it is invalid.
fn read_filter(index: Index, name: &str, text: &str) -> Option<String> {
    // A beginning becomes part of a key, which has a maximum length.
    let max = match index {
        Index::ExtId => MAX_BYTES,
        Index::LoginId => MAX_LOGIN_ID,
        Index::Email => usize::MAX,
    };
    let fits = !name.ends_with("_SW") || text.len() <= max;
    (fits && !text.is_empty()).then(|| text.to_owned())
}

/// Reads the list that a request selects, its order, and the filters by its member.
///
/// The list is that of the order or, without one, that of the first filter. Filters by other members are
/// invalid.
fn read_selection(query: &mut Query) -> (Index, Order, Filters) {
    let (sorted, order) = query.take_as(SORT_BY, parse_order).unzip();
    let mut selected = sorted;
    let mut filters = Filters::default();
    for (index, names) in FILTERS {
        let mut texts = names.iter().map(|name| query.take_as(name, |text| read_filter(index, name, text)));
        let given = Filters {
            equal: texts.next().flatten(),
            beginning: texts.next().flatten(),
            alike: texts.next().flatten(),
        };
        drop(texts);
        if given.is_empty() {
            continue;
        }
        if *selected.get_or_insert(index) == index {
            filters = given;
        } else {
            given.names(names).for_each(|name| query.refuse(name));
        }
    }
    (selected.unwrap_or(Index::ExtId), order.unwrap_or_default(), filters)
}

/// Returns the list and the direction of an order.
fn parse_order(text: &str) -> Option<(Index, Order)> {
    let (member, order) = match text.rsplit_once('_') {
        None => (text, Order::Ascending),
        Some((member, "ASC")) => (member, Order::Ascending),
        Some((member, "DESC")) => (member, Order::Descending),
        Some(_) => return None,
    };
    let (index, _) = FILTERS.into_iter().find(|(_, names)| names.first() == Some(&member))?;
    Some((index, order))
}
