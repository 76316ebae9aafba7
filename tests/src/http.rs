//! Asking over HTTP, as a client that knows nothing of us.

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What `GET /path` (or another method) at `HOST:PORT` answers: its code and its body. The headers are
/// sent as they are given; without a `Host` among them, it is the address.
pub async fn ask(address: &str, request: &str, headers: &[(&str, &str)]) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("connect to {address}"))?;
    let host = ("Host", address);
    let named = headers.iter().any(|(name, _)| *name == host.0);
    let headers = (!named).then_some(&host).into_iter().chain(headers);
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let headers = headers.concat();
    let text =
        format!("{request} HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(text.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
    let code = head.split(' ').nth(1).context("no code in the answer")?;
    Ok((code.parse()?, body.to_owned()))
}

/// What a method at a path of `HOST:PORT` answers, its code as text.
pub async fn plain(address: &str, method: &str, path: &str) -> Result<(String, String)> {
    let (code, body) = ask(address, &format!("{method} {path}"), &[]).await?;
    Ok((code.to_string(), body))
}
