//! A table whose items a test damages.

use std::collections::HashMap;
use std::io::Cursor;

use aws_sdk_dynamodb::types::AttributeValue;
use functions::users::UserPath;
use local::check::TableCheck;
use local::engine::Engine;
use local::environment::Environment;
use local::export::export_lines;
use local::import::{Importer, import_lines};
use local::keys::DevelopmentKeys;
use shared::clock::{Clock, Random};
use shared::ids::{ClientExtId, UserExtId};
use shared::table::Key;
use shared::table::item::COPIES;

/// The name of the table.
const NAME: &str = "table";
/// At least one line of each kind, in the order of an export.
pub(crate) const LINES: &str = include_str!("../import/lines.jsonl");
/// The number of hexadecimal digits of a hash in a key.
const HASH: usize = 64;

/// The attributes of an item.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// An in-memory table.
pub(crate) struct TestTable {
    engine: Engine,
}

impl TestTable {
    /// Creates a table with [`LINES`], in which e-mail addresses and mobile numbers are unique.
    pub(crate) async fn filled() -> Self {
        Self::of(LINES).await
    }

    /// Creates a table with these lines.
    pub(crate) async fn of(lines: &str) -> Self {
        let engine = Engine::memory().await.expect("an engine");
        local::table::make(&engine.client(), NAME).await.expect("a table");
        let table = Self { engine };
        assert_eq!(table.import(lines).await, [""; 0]);
        table
    }

    /// Imports lines, and returns the refusals.
    pub(crate) async fn import(&self, lines: &str) -> Vec<String> {
        let importer = importer(&self.engine);
        let mut refusals = Vec::new();
        let note = |number, outcome: &_| {
            if let local::import::LineOutcome::Refused(reason) = outcome {
                refusals.push(format!("{number}: {reason}"));
            }
        };
        import_lines(&importer, Cursor::new(lines.to_owned()), note).await.expect("an import");
        refusals
    }

    /// Returns the findings, with each hash in a key replaced.
    pub(crate) async fn findings(&self) -> Vec<String> {
        let client = self.engine.client();
        let mut check = TableCheck::of(&client, NAME).await.expect("a check");
        while check.read_page(&client).await.expect("a page") {}
        let mut output = Vec::new();
        let counts = check.into_check().write(&mut output).expect("written");
        let lines = String::from_utf8(output).expect("UTF-8");
        let lines: Vec<String> = lines.lines().map(without_hashes).collect();
        assert_eq!(counts.findings, lines.len());
        assert_eq!(counts.items, self.count().await);
        lines
    }

    /// Asserts that these are the findings.
    pub(crate) async fn assert_findings(&self, expected: &[&str]) {
        assert_eq!(self.findings().await, expected);
    }

    /// Returns the number of items.
    async fn count(&self) -> usize {
        let scanned = self.engine.client().scan().table_name(NAME).consistent_read(true).send().await;
        scanned.expect("a page").items().len()
    }

    /// Exports the table, or only one client.
    pub(crate) async fn export(&self, client: Option<&str>) -> Result<String, String> {
        let client = client.map(ClientExtId::unchecked);
        let mut output = Vec::new();
        let result = export_lines(self.engine.client(), NAME, client.as_ref(), &mut output).await;
        result.map_err(|error| error.to_string())?;
        Ok(String::from_utf8(output).expect("UTF-8"))
    }

    /// Returns the item at a key.
    pub(crate) async fn item(&self, key: &Key) -> Attributes {
        let get = self.engine.client().get_item().table_name(NAME).consistent_read(true);
        let read = get.set_key(Some(attributes(key))).send().await.expect("a read");
        read.item.unwrap_or_else(|| panic!("no item at {key:?}"))
    }

    /// Deletes all copies of the item at a key.
    pub(crate) async fn delete(mut self, key: Key) -> Self {
        self.item(&key).await;
        for copy in copies(&key) {
            self = self.delete_copy(&copy).await;
        }
        self
    }

    /// Deletes the item at a key alone, and not its other copies.
    pub(crate) async fn delete_copy(self, key: &Key) -> Self {
        let delete = self.engine.client().delete_item().table_name(NAME);
        delete.set_key(Some(attributes(key))).send().await.expect("deleted");
        self
    }

    /// Changes the item at a key.
    pub(crate) async fn edit(self, key: Key, change: impl FnOnce(&mut Attributes)) -> Self {
        self.copy(&key, &key, change).await
    }

    /// Changes the item at a key alone, and not its other copies.
    pub(crate) async fn edit_copy(self, key: &Key, change: impl FnOnce(&mut Attributes)) -> Self {
        let mut item = self.item(key).await;
        change(&mut item);
        self.put(item).await
    }

    /// Puts the item at a key, with changes, at another key, in as many copies as the other key has.
    pub(crate) async fn copy(mut self, from: &Key, to: &Key, change: impl FnOnce(&mut Attributes)) -> Self {
        let mut item = self.item(from).await;
        change(&mut item);
        item.remove(COPIES);
        if to.copies() > 1 {
            item.insert(COPIES.to_owned(), AttributeValue::N(to.copies().to_string()));
        }
        for copy in copies(to) {
            item.extend(attributes(&copy));
            self = self.put(item.clone()).await;
        }
        self
    }

    /// Sets a text of the item at a key.
    pub(crate) async fn set(self, key: Key, name: &str, value: &str) -> Self {
        self.edit(key, |item| drop(item.insert(name.to_owned(), text(value)))).await
    }

    /// Puts an item with these texts.
    pub(crate) async fn put_texts(self, key: &Key, texts: &[(&str, &str)]) -> Self {
        let mut item = attributes(key);
        item.extend(texts.iter().map(|(name, value)| ((*name).to_owned(), text(value))));
        self.put(item).await
    }

    async fn put(self, item: Attributes) -> Self {
        let put = self.engine.client().put_item().table_name(NAME).set_item(Some(item));
        put.send().await.expect("written");
        self
    }
}

fn importer(engine: &Engine) -> Importer {
    let keys = DevelopmentKeys::generate().expect("keys");
    let variables = [("UNIQUE_USER_FIELDS".to_owned(), "contacts.email,contacts.mobile".to_owned())];
    let environment = Environment::new(&keys, variables).expect("an environment");
    let settings = environment.config().expect("a configuration").settings;
    Importer::new(engine.client(), NAME, settings, Clock::system(), Random::system())
}

/// Returns a text as an attribute.
pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Returns the client of the fixture that has most of the data.
pub(crate) fn client() -> ClientExtId {
    ClientExtId::unchecked("100")
}

/// Returns a user of this client.
pub(crate) fn user(ext_id: &str) -> UserPath {
    UserPath { client: client(), user: UserExtId::unchecked(ext_id) }
}

/// Returns the key with this partition key and sort key.
pub(crate) fn key(pk: &str, sk: &str) -> Key {
    Key::new(&[pk], &[sk])
}

/// Returns the key of each copy of the item at a key.
pub(crate) fn copies(at: &Key) -> Vec<Key> {
    at.all_copies().collect()
}

fn attributes(key: &Key) -> Attributes {
    [("PK", key.pk()), ("SK", key.sk())].map(|(name, part)| (name.to_owned(), text(part))).into()
}

/// Returns a line with `…` for each hash.
fn without_hashes(line: &str) -> String {
    let is_hash = |part: &&str| part.len() == HASH && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut line = line.to_owned();
    let hashes: Vec<String> =
        line.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_hash).map(str::to_owned).collect();
    for hash in hashes {
        line = line.replace(&hash, "…");
    }
    line
}
