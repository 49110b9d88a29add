//! The operations on units.

use serde_json::{Map, Value, json};

use super::authorisation::Admission;
use super::bodies::{Kind, changes, fields, merge, naming};
use super::operations::{missing, page, shown, text, version};
use super::reference::{Reference, sha256};
use super::steps::Body;
use crate::support::{Answer, created, no_content, ok_at, refused};

/// The fields of a unit that can change and that the model knows.
const FIELDS: [(&str, Kind); 6] = [
    ("name", Kind::RequiredText),
    ("state", Kind::Name),
    ("description", Kind::Remark),
    ("displayName", Kind::Texts),
    ("abbreviation", Kind::Texts),
    ("modificationComment", Kind::Remark),
];

/// The visible attributes of a unit that the model knows.
const UNIT: [&str; 11] = [
    "extId",
    "clientExtId",
    "hierarchicalName",
    "parentUnitExtId",
    "name",
    "state",
    "description",
    "displayName",
    "abbreviation",
    "profileless",
    "modificationComment",
];

/// Returns a unit and its ancestors.
pub(super) fn covering(unit: &Value) -> Vec<String> {
    let ancestors = unit["ancestors"].as_array().into_iter().flatten();
    ancestors.chain([&unit["extId"]]).map(text).collect()
}

/// Checks the state of a unit, if there is one.
fn known_state(unit: &Map<String, Value>) -> Result<(), Answer> {
    match unit.get("state").and_then(Value::as_str) {
        Some(state) if !["active", "disabled"].contains(&state) => {
            Err(refused(422, "errors.invalidParameter", &format!("Invalid UnitState name '{state}'")))
        }
        Some(_) | None => Ok(()),
    }
}

impl Reference {
    /// Returns the place of a unit, if the caller may act on it.
    pub(super) fn unit(&self, admission: &Admission<'_>, client: &str, unit: &str) -> Result<String, Answer> {
        self.client(client)?;
        let place = format!("CLIENT#{client} | UNIT#{unit}");
        let item = self.items.get(&place);
        // A missing unit is below no unit.
        admission.check_user(&item.map(covering).unwrap_or_default(), true)?;
        if item.is_none() {
            return Err(missing(&format!("Unit doesn't exist with extId '{unit}'")));
        }
        Ok(place)
    }

    pub(super) fn get_unit(
        &self,
        admission: &Admission<'_>,
        client: &str,
        unit: &str,
    ) -> Result<Answer, Answer> {
        let item = &self.items[&self.unit(admission, client, unit)?];
        Ok(ok_at(version(item), shown(item, &UNIT)))
    }

    pub(super) fn list_units(&self, admission: &Admission<'_>, client: &str) -> Result<Answer, Answer> {
        self.client(client)?;
        let start = format!("CLIENT#{client} | UNIT#");
        let units = self.beginning_with(&start).map(|(_, item)| item);
        let covered = units.filter(|item| admission.check_user(&covering(item), true).is_ok());
        Ok(page(covered.map(|item| shown(item, &UNIT))))
    }

    pub(super) fn list_children(
        &self,
        admission: &Admission<'_>,
        client: &str,
        unit: &str,
    ) -> Result<Answer, Answer> {
        self.unit(admission, client, unit)?;
        let start = format!("UNIT#{client}#{unit} | UNIT#");
        Ok(page(self.beginning_with(&start).map(|(_, item)| shown(item, &UNIT))))
    }

    pub(super) fn create_unit(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let of_creation =
            [("extId", Kind::Name), ("parentUnitExtId", Kind::Name), ("profileless", Kind::Flag)];
        let mut unit = fields(body, &[&of_creation, &FIELDS[..]].concat())?;
        known_state(&unit)?;
        let given = unit.get("extId").map(text);
        let name = text(&unit["name"]);
        naming(&[(given.as_deref(), true), (Some(&name), false)], &[])?;
        let number = self.created + 1;
        let ext_id = given.unwrap_or_else(|| format!("<unit-{number}>"));
        let parent = unit.get("parentUnitExtId").map(text);
        let above = if let Some(parent) = &parent {
            let place = self.unit(admission, client, parent)?;
            let item = &self.items[&place];
            let mut ancestors = covering(item);
            ancestors.sort_unstable();
            unit.insert("ancestors".to_owned(), json!(ancestors));
            text(&item["hierarchicalName"])
        } else {
            admission.check_over_body("UnitCreate", Some(&[]))?;
            admission.check_over_body("UnitCreateTopUnit", Some(&[]))?;
            self.client(client)?;
            String::new()
        };
        let place = format!("CLIENT#{client} | UNIT#{ext_id}");
        if self.items.contains_key(&place) {
            let message = format!("Unit already exists with extId '{ext_id}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        if let Some(parent) = &parent {
            self.reserve_unit_name(admission, (client, parent), (&ext_id, &name))?;
        }
        self.created = number;
        for (member, value) in [
            ("clientExtId", json!(client)),
            ("extId", json!(ext_id)),
            ("hierarchicalName", json!(format!("{above}/{ext_id}"))),
        ] {
            unit.insert(member.to_owned(), value);
        }
        unit.entry("state").or_insert(json!("active"));
        unit.entry("profileless").or_insert(json!(false));
        for texts in ["displayName", "abbreviation"] {
            unit.entry(texts).or_insert(json!({}));
        }
        let unit: Value = unit.into();
        if let Some(parent) = &parent {
            let entry = format!("UNIT#{client}#{parent} | UNIT#{ext_id}");
            self.put(admission.caller, &entry, "UnitEntry", unit.clone());
        }
        self.put(admission.caller, &place, "Unit", unit);
        Ok(created(&format!("/{client}/units/{ext_id}"), Value::Null))
    }

    /// Reserves the name of a unit below its parent.
    fn reserve_unit_name(
        &mut self,
        admission: &Admission<'_>,
        (client, parent): (&str, &str),
        (unit, name): (&str, &str),
    ) -> Result<(), Answer> {
        let place = format!("UNIT#{client}#{parent} | NAME#{}", sha256(name));
        if self.items.contains_key(&place) {
            let message = format!("Unit already exists with name '{name}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        self.put(admission.caller, &place, "UnitName", json!({"clientExtId": client, "unitExtId": unit}));
        Ok(())
    }

    pub(super) fn update_unit(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        unit: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &FIELDS)?;
        known_state(&changes)?;
        naming(&[(changes.get("name").and_then(Value::as_str), false)], &[])?;
        let place = self.unit(admission, client, unit)?;
        let present = self.items[&place].clone();
        let mut places = vec![place.clone()];
        if let Some(parent) = present["parentUnitExtId"].as_str() {
            let old = text(&present["name"]);
            if let Some(name) = changes.get("name").map(text).filter(|name| *name != old) {
                self.reserve_unit_name(admission, (client, parent), (unit, &name))?;
                self.items.remove(&format!("UNIT#{client}#{parent} | NAME#{}", sha256(&old)));
            }
            places.push(format!("UNIT#{client}#{parent} | UNIT#{unit}"));
        }
        for place in places {
            let mut next = self.items[&place].clone();
            merge(&mut next, changes.clone(), &FIELDS);
            if next["state"].is_null() {
                next["state"] = json!("active");
            }
            self.replace(admission.caller, &place, next);
        }
        let item = &self.items[&place];
        Ok(ok_at(version(item), shown(item, &UNIT)))
    }

    pub(super) fn delete_unit(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        unit: &str,
    ) -> Result<Answer, Answer> {
        let place = self.unit(admission, client, unit)?;
        if self.client(client)?["defaultUnitExtId"] == unit {
            let message = format!("Unit is the default unit of its client: {unit}");
            return Err(refused(422, "errors.deleteDefaultEntityFailure", &message));
        }
        if self.beginning_with(&format!("UNIT#{client}#{unit} | ")).next().is_some() {
            let message = format!("Unit has child units or profiles: {unit}");
            return Err(refused(422, "errors.undeletedDependencies", &message));
        }
        let item = self.items.remove(&place).expect("a unit");
        if let Some(parent) = item["parentUnitExtId"].as_str() {
            self.items.remove(&format!("UNIT#{client}#{parent} | UNIT#{unit}"));
            self.items.remove(&format!("UNIT#{client}#{parent} | NAME#{}", sha256(&text(&item["name"]))));
        }
        Ok(no_content())
    }
}
