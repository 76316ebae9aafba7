//! Why a handshake failed, in words that say what would be right.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError, Error};

use super::TlsError;

/// What the driver says of a server that answers the question for TLS by no.
const NO_TLS: &str = "server does not support TLS";

/// Why this is an error of TLS, if it is one. Host names are said; nothing else
/// of the URL is known here.
pub(crate) fn explain(error: &tokio_postgres::Error) -> Option<String> {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(told) = told(error) {
            return Some(told);
        }
        // What an I/O error wraps is not its source but itself.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => error.source(),
        };
    }
    None
}

fn told(error: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<TlsError>() {
        return Some(error.to_string());
    }
    if let Some(error) = error.downcast_ref::<Error>() {
        return Some(handshake(error));
    }
    (error.to_string() == NO_TLS).then(|| {
        "the server offers no TLS; expected `ssl = on` there, or over a network that is \
         encrypted otherwise sslmode=disable"
            .to_owned()
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only what a person can do something about is told apart"
)]
fn handshake(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(why) => certificate(why),
        Error::AlertReceived(alert) if is_about_our_certificate(*alert) => format!(
            "the server refuses the client certificate ({alert:?}); expected sslcert and sslkey of \
             an authority that the server trusts (its ssl_ca_file), not expired"
        ),
        other => format!("the TLS handshake failed: {other}"),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only what a person can do something about is told apart"
)]
fn certificate(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => {
            "the server's certificate is not signed by an authority \
             that is trusted here; expected sslrootcert=FILE with the authority's certificate, or \
             the authority among the system's certificates"
                .to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!(
                "the server's certificate is for another host: {why}; expected the host as the \
                 certificate names it, with hostaddr=ADDRESS where that name leads elsewhere"
            )
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the server's certificate has expired: {why}; expected a new one at the server")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => format!(
            "the server's certificate is not valid yet: {why}; expected the clocks of both \
             machines to be right"
        ),
        other => format!(
            "the server's certificate cannot be verified: {other}; expected a server's certificate \
             that an authority signed, and that authority in sslrootcert=FILE"
        ),
    }
}

const fn is_about_our_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::DecryptError
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired
    )
}
