//! Creates everything that a user needs, with the client of this package. The arguments are the base URL of
//! the API and a Bearer token of a caller with all rights.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use generated_client::{Client, types};
use progenitor_client::ResponseValue;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Returns the identifier of a created entity.
fn id<T>(created: &ResponseValue<T>) -> Outcome<String> {
    expect(created.status().as_u16(), 201)?;
    Ok(created.headers().get("created-id").ok_or("no identifier")?.to_str()?.to_owned())
}

/// Fails if a value differs from the expected one.
fn expect<T: Debug + PartialEq>(found: T, expected: T) -> Outcome<()> {
    if found == expected { Ok(()) } else { Err(format!("{found:?} instead of {expected:?}").into()) }
}

/// Returns true if terms await the consent of the user.
async fn is_pending(api: &Client, shop: &str, terms: &str) -> Outcome<bool> {
    let page = api.list_pending_terms().client_ext_id(shop).user_ext_id("rroe").send().await?;
    Ok(page.items.iter().any(|one| one.ext_id == terms))
}

async fn accept(api: &Client, shop: &str, terms: &str) -> Outcome<String> {
    let consent = types::NewConsent { terms_ext_id: terms.parse()? };
    id(&api.create_consent().client_ext_id(shop).user_ext_id("rroe").body(consent).send().await?)
}

/// Creates everything under names with this number. Returns the extId of the client.
async fn tell(api: &Client, number: u128) -> Outcome<String> {
    let shop_name = format!("Shop-{number}");
    let new_shop = || types::NewClient::builder().name(shop_name.as_str());
    let shop = id(&api.create_client().body(new_shop()).send().await?)?;
    let shop = shop.as_str();
    let unit = types::NewUnit::builder().name("Sales");
    let sales = id(&api.create_unit().client_ext_id(shop).body(unit).send().await?)?;
    let name = types::PersonNameInput { first_name: Some("Richard".parse()?), ..Default::default() };
    let user = types::NewUser::builder().ext_id(types::NewUserExtId::try_from("rroe")?).name(name);
    id(&api.create_user().client_ext_id(shop).body(user).send().await?)?;
    let profile =
        types::NewProfile::builder().unit_ext_id(types::NewProfileUnitExtId::try_from(sales.as_str())?);
    id(&api.create_profile().client_ext_id(shop).user_ext_id("rroe").body(profile).send().await?)?;
    let profiles = api.list_profiles().client_ext_id(shop).user_ext_id("rroe").send().await?;
    let units: Vec<_> =
        profiles.items.iter().map(|one| (one.unit_ext_id.as_deref(), one.is_default_profile)).collect();
    expect(units, vec![(Some(sales.as_str()), true)])?;

    let terms =
        types::NewTerms::builder().name(format!("Conditions-{number}")).active(true).silent_acceptance(false);
    let terms = id(&api.create_terms().body(terms.terms_version("1")).send().await?)?;
    expect(is_pending(api, shop, &terms).await?, true)?;
    expect(accept(api, shop, &terms).await?, "1".to_owned())?;
    expect(is_pending(api, shop, &terms).await?, false)?;
    let version = types::TermsChangeTermsVersion::try_from("2")?;
    let change = types::TermsChange::builder().terms_version(version);
    let changed = api.update_terms().terms_ext_id(terms.as_str()).body(change).send().await?;
    expect((changed.terms_version.as_str(), changed.version), ("2", 1))?;
    expect(is_pending(api, shop, &terms).await?, true)?;
    expect(accept(api, shop, &terms).await?, "2".to_owned())?;

    let content = types::LocalizedTextInput {
        en: Some("Which pet did you have first?".parse()?),
        ..Default::default()
    };
    let question = types::NewPersonalQuestion::builder()
        .state_name(types::NewPersonalQuestionStateName::Active)
        .content(content);
    let pet = id(&api.create_personal_question().client_ext_id(shop).body(question).send().await?)?;
    let change = types::PersonalQuestionChange::builder()
        .state_name(types::PersonalQuestionChangeStateName::Disabled)
        .version(0);
    let request = api.update_personal_question().client_ext_id(shop).personal_question_ext_id(pet.as_str());
    let changed = request.body(change).send().await?;
    expect((changed.state_name.as_str(), changed.version), ("disabled", 1))?;

    let definition = types::NewProperty::builder()
        .client_ext_id(types::NewPropertyClientExtId::try_from(shop)?)
        .scope(types::NewPropertyScope::UserGlobal)
        .name("locker")
        .type_(types::NewPropertyType::String);
    let property = id(&api.create_property().body(definition).send().await?)?;
    let found = api.get_property().property_id(property.as_str()).send().await?;
    expect((found.property_id, found.name.as_str()), (property.parse()?, "locker"))?;
    let values = HashMap::from([("locker".to_owned(), Some("17".parse()?))]);
    let request = api.update_user_properties().client_ext_id(shop).user_ext_id("rroe");
    let values = request.body(types::PropertyChanges(values)).send().await?;
    expect(values.get("locker"), Some(&"17".to_owned()))?;

    match api.create_client().body(new_shop()).send().await {
        Err(progenitor_client::Error::ErrorResponse(failure)) => {
            expect(failure.errors[0].code.as_str(), "errors.duplicateValue")?;
        }
        other => return Err(format!("not rejected: {other:?}").into()),
    }
    Ok(shop.to_owned())
}

/// Reads further members, an error code and a kind of credential that this version does not have.
fn read_what_later_versions_add() -> Outcome<()> {
    let error = json!({"code": "errors.later", "message": "Later", "cause": {"later": 1}});
    let failure: types::Failure = serde_json::from_value(json!({"errors": [error], "later": true}))?;
    expect(failure.errors[0].code.as_str(), "errors.later")?;
    let item = json!({"type": "LATER", "extId": "c"});
    let page = json!({"items": [item], "_pagination": {"limit": 1}, "_classifications": {}});
    let page: types::CredentialPage = serde_json::from_value(page)?;
    expect(matches!(page.items[0], types::Credential::OtherCredential(_)), true)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let [_, base_url, token] = &env::args().collect::<Vec<_>>()[..] else {
        return Err("no arguments".into());
    };
    read_what_later_versions_add()?;
    let headers = HeaderMap::from_iter([(AUTHORIZATION, format!("Bearer {token}").parse()?)]);
    let http = reqwest::Client::builder().default_headers(headers).build()?;
    let number = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    println!("{}", tell(&Client::new_with_client(base_url, http), number).await?);
    Ok(())
}
