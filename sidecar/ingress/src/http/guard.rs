//! Who may ask what is under `/dual-write`: whoever is on this host, as the
//! address of the peer says, whatever address the listener has. A web page
//! that a person on this host looks at is not on this host: its name for us
//! (`Host`) and where it comes from (`Origin`) tell.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::HttpError;

/// Lets through who is on this host, and tells everybody else why not.
pub(super) async fn only_this_host(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| *peer);
    match judge(peer, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn judge(peer: Option<SocketAddr>, method: &Method, headers: &HeaderMap) -> Result<(), HttpError> {
    let here = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    if !here {
        let from = peer.map_or_else(
            || "an unknown address".to_owned(),
            |peer| peer.ip().to_string(),
        );
        return Err(HttpError::forbidden(format!(
            "/dual-write answers this host alone, and this request came from {from}; \
             ask from inside the pod, or use `dualwrite` against the control plane"
        )));
    }
    if let Some(host) = headers.get(header::HOST)
        && !host.to_str().is_ok_and(names_this_host)
    {
        return Err(HttpError::forbidden(
            "the Host header names another host; ask for localhost or 127.0.0.1",
        ));
    }
    if *method != Method::GET && comes_from_elsewhere(headers) {
        return Err(HttpError::forbidden(
            "a page of another site may not start anything here (Origin, Sec-Fetch-Site)",
        ));
    }
    Ok(())
}

/// Whether a browser says that a page of another site is asking.
fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    let of = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let origin = of("origin").is_some_and(|origin| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        !authority.is_some_and(names_this_host)
    });
    origin || of("sec-fetch-site").is_some_and(|site| site == "cross-site")
}

/// Whether `host[:port]` is a name of this host that nobody can take over.
fn names_this_host(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority.host();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(peer: &str, method: &Method, headers: &[(&'static str, &str)]) -> bool {
        let peer = peer.parse().ok();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        judge(peer, method, &map).is_ok()
    }

    #[test]
    fn who_is_on_this_host_may_ask() {
        let table = [
            ("127.0.0.1:5", true),
            ("127.8.9.1:5", true),
            ("[::1]:5", true),
            ("[::ffff:127.0.0.1]:5", true),
            ("10.0.0.7:5", false),
            ("[::ffff:10.0.0.7]:5", false),
            ("[fe80::1]:5", false),
            ("none", false),
        ];
        for (peer, may) in table {
            assert_eq!(judged(peer, &Method::GET, &[]), may, "{peer}");
        }
    }

    #[test]
    fn a_name_that_somebody_could_point_at_us_is_refused() {
        let table = [
            ("localhost:7411", true),
            ("LOCALHOST", true),
            ("127.0.0.1:7411", true),
            ("[::1]:7411", true),
            ("evil.example:7411", false),
            ("localhost.evil.example", false),
            ("10.0.0.7", false),
            ("", false),
        ];
        for (host, may) in table {
            let here = judged("127.0.0.1:5", &Method::GET, &[("host", host)]);
            assert_eq!(here, may, "{host}");
        }
    }

    #[test]
    fn a_page_of_another_site_starts_nothing() {
        let table: [(&[(&'static str, &str)], bool); 6] = [
            (&[], true),
            (&[("origin", "http://localhost:3000")], true),
            (&[("origin", "http://evil.example")], false),
            (&[("origin", "null")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "none")], true),
        ];
        for (headers, may) in table {
            assert_eq!(
                judged("127.0.0.1:5", &Method::POST, headers),
                may,
                "{headers:?}"
            );
        }
    }
}
