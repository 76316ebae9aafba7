//! Reading certificates and keys.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;
use crate::config::ClientFiles;

/// Whom the system trusts.
pub(super) fn system_roots() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(ToString::to_string);
        return Err(TlsError::NoSystemRoots {
            why: why.unwrap_or_else(|| "none was found".to_owned()),
        });
    }
    Ok(roots)
}

/// The authorities in a file.
pub(super) fn roots(file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("sslrootcert", file)? {
        roots
            .add(certificate)
            .map_err(|error| wrong("sslrootcert", file, error.to_string()))?;
    }
    Ok(roots)
}

/// The certificates and the key by which this side shows who it is.
pub(super) fn client(
    files: &ClientFiles,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let chain = certificates("sslcert", &files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| wrong("sslkey", &files.key, told(error, "a private key")))?;
    Ok((chain, key))
}

fn certificates(
    option: &'static str,
    file: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let read: Vec<_> = read.map_err(|error| wrong(option, file, told(error, "certificates")))?;
    if read.is_empty() {
        return Err(wrong(
            option,
            file,
            told(pem::Error::NoItemsFound, "certificates"),
        ));
    }
    Ok(read)
}

/// What is wrong with a file that should hold `what` as PEM. What the file
/// holds is not shown: it may be a key.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may tell more kinds apart, and all of them mean the same here"
)]
fn told(error: pem::Error, what: &str) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => {
            format!("it holds no {what}; expected PEM (-----BEGIN …)")
        }
        _ => format!("it is not well-formed; expected {what} as PEM (-----BEGIN …)"),
    }
}

fn wrong(option: &'static str, file: &Path, why: String) -> TlsError {
    TlsError::File {
        option,
        file: file.to_owned(),
        why,
    }
}
