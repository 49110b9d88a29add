//! Routes, methods and sizes.

use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::target::{Kind, kind, leaves_out};
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(
    other_methods_are_not_allowed,
    bodies_over_64_kib_are_rejected,
    headers_over_64_kib_are_rejected,
);

fn no_route() -> Answer {
    refused(404, "errors.invalidUri", "No resource exists at this address")
}

fn no_method(allowed: &str) -> Answer {
    refused(405, "errors.unsupportedOperation", "Method not allowed").with("allow", allowed)
}

#[tokio::test]
async fn unknown_paths_are_not_found() {
    if leaves_out(&[Kind::Watch], "unknown addresses, which it answers itself") {
        return;
    }
    let world = World::new().await;
    for path in [
        "/",
        "/nevisidm",
        "/nevisidm/api/core/v1",
        "/nevisidm/api/core/v1/",
        "/nevisidm/api/core/v1/unheard-of",
        "/nevisidm/api/core/v1/clients/a/b",
        "/nevisidm/api/core/v1/Clients",
        "/nevisidm/api/core/v1/a/Users",
        "/nevisidm/api/core/v1/a/users/b/c",
        "/nevisidm/api/principal/v1",
        "/nevisidm/api/principal/v1/clients",
        "/nevisidm/api/core/v1/a/users/b/consent",
        "/nevisidm/api/core/v1/a/users/b/consents/c",
        "/nevisidm/api/core/v1/a/users/b/consents/c/d/e",
        "/nevisidm/api/core/v1/a/users/b/mobile-signatures",
        "/nevisidm/api/core/v1/a/users/b/dispatch-target",
        "/nevisidm/api/core/v2/clients",
        "/NevisIdm/api/core/v1/clients",
    ] {
        // The local server has its page there.
        let is_page = path == "/" && kind() == Kind::Local;
        for method in ["GET", "POST", "DELETE"].into_iter().filter(|method| !is_page || *method != "GET") {
            let anonymous = world.call_at(method, path).send().await;
            assert_eq!(anonymous, no_route(), "{method} {path}");
            let known = world.call_at(method, path).by(&Caller::root()).send().await;
            assert_eq!(known, no_route(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn empty_segments_are_not_found() {
    if leaves_out(&[Kind::Watch, Kind::Gateway], "empty segments, which it removes") {
        return;
    }
    let world = World::new().await;
    for (method, path) in [
        ("GET", "/clients/"),
        ("POST", "/clients/"),
        ("POST", "//personal-questions"),
        ("GET", "/a/personal-questions/"),
        ("GET", "/a/users//consents"),
        ("GET", "/a/users/b/consents/"),
        ("GET", "/a/users/b/consents//1"),
        ("DELETE", "/a/users/b/dispatch-targets/"),
        ("POST", "//clients"),
    ] {
        let answer = world.call(method, path).by(&Caller::root()).send().await;
        assert_eq!(answer, no_route(), "{method} {path}");
    }
}

/// The `Allow` header lists the methods of a path in alphabetical order, as for the consents of a user.
#[tokio::test]
async fn all_methods_of_a_path_are_allowed() {
    if leaves_out(&[Kind::Watch], "wrong methods, which it answers itself") {
        return;
    }
    let world = World::new().await;
    let answer = world.call("PUT", "/a/users/b/consents").send().await;
    assert_eq!(answer, no_method("GET, HEAD, OPTIONS, POST"));
}

async fn other_methods_are_not_allowed(row: &'static Row) {
    if leaves_out(&[Kind::Watch], "wrong methods, which it answers itself") {
        return;
    }
    let world = World::new().await;
    let allowed = row.methods_of_path();
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    for method in methods.into_iter().filter(|method| !allowed.contains(method)) {
        let answer = world.call(method, row.path).send().await;
        assert_eq!(answer, no_method(&allowed.join(", ")), "{method}");
    }
}

async fn bodies_over_64_kib_are_rejected(row: &'static Row) {
    let world = World::furnished_once().await;
    let fits = "a".repeat(64 * 1024);
    let too_large = "a".repeat(64 * 1024 + 1);
    let call =
        |text: &str| world.call(row.method, row.path).header("content-type", "application/json").text(text);
    let answer = call(&too_large).send().await;
    assert_eq!(answer, refused(413, "errors.invalidData", "Request too large"));
    assert_eq!(call(&fits).send().await.status, 401);
}

async fn headers_over_64_kib_are_rejected(row: &'static Row) {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "large headers, which it rejects itself") {
        return;
    }
    let world = World::new().await;
    let call = |length: usize| world.call(row.method, row.path).header("x", &"a".repeat(length));
    let answer = call(64 * 1024).send().await;
    assert_eq!(answer, refused(413, "errors.invalidData", "Request too large"));
    assert_eq!(call(64 * 1024 - 1).send().await.status, 401);
}

/// A path parameter is decoded once, whether the host or the function decodes it.
#[tokio::test]
async fn path_parameters_are_decoded_once() {
    let world = World::new().await;
    let slash = ("a%2Fb", "a/b");
    let values =
        [("a%20b", "a b"), ("%252F", "%2F"), ("%25", "%"), ("a+b", "a+b"), ("%C3%A4", "\u{e4}"), slash];
    let no_slash =
        leaves_out(&[Kind::Gateway], "an encoded slash in a segment, which its rehearsal does not route");
    for (sent, shown) in values.into_iter().filter(|value| !(no_slash && *value == slash)) {
        let answer = world.get(&format!("/clients/{sent}")).by(&Caller::root()).send().await;
        let message = format!("Client doesn't exist with extId '{shown}'");
        assert_eq!(answer, refused(404, "errors.noRecord", &message), "{sent}");
    }
}
