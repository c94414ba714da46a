//! Names that are this machine's.

use super::*;
use axum::response::IntoResponse;
use http::HeaderValue;

#[test]
fn hosts() {
    let check = |version: Version, uri: &str, hosts: &[&str], expect: u16| {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, HeaderValue::from_str(host).unwrap());
        }
        let allowed = ["pds.test".to_owned()];
        let done = check(version, &uri.parse().unwrap(), &headers, &allowed);
        let status = done.map_or_else(
            |refused| refused.into_response().status().as_u16(),
            |()| 200,
        );
        assert_eq!(status, expect, "{uri} {hosts:?}");
    };
    let one = |host: &str, expect| check(Version::HTTP_11, "/a", &[host], expect);
    for host in [
        "localhost",
        "LOCALHOST:80",
        "localhost.:8080",
        "api.localhost:1",
        "127.0.0.1:4000",
        "127.9.9.9",
        "[::1]:4000",
        "[::1]",
        "pds.test",
        "PDS.test:443",
    ] {
        one(host, 200);
    }
    for host in [
        "evil.example",
        "evil.example:4000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "notlocalhost",
        "128.0.0.1",
        "[::2]",
        "0.0.0.0",
        "a.pds.test",
        "localhost@evil.example",
        "evil.example@localhost",
    ] {
        one(host, 421);
    }
    for host in ["", "local host", "/", "localhost, evil.example", "a\tb"] {
        one(host, 400);
    }
    check(Version::HTTP_11, "/a", &[], 400);
    check(Version::HTTP_11, "/a", &["localhost", "localhost"], 400);
    check(Version::HTTP_10, "/a", &["localhost", "evil.example"], 400);
    // HTTP/1.0 does not require it.
    check(Version::HTTP_10, "/a", &[], 200);
    check(Version::HTTP_10, "/a", &["evil.example"], 421);
    check(
        Version::HTTP_11,
        "http://localhost:1/a",
        &["localhost:1"],
        200,
    );
    check(
        Version::HTTP_11,
        "http://evil.example/a",
        &["localhost"],
        421,
    );
    check(
        Version::HTTP_11,
        "http://localhost/a",
        &["evil.example"],
        421,
    );
}
