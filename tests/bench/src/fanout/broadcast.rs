//! The floor: a process that writes the same bytes to every connection, in a loop.
//!
//! Its whole protocol: a client says `w` to watch, and is sent frames; or `p` and a frame, which is
//! then written to all who watch, and answered with one byte. A frame is its length in four bytes, then
//! as many bytes, of which the first eight are its version.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use dualwrite_tests::Process;
use dualwrite_tests::process::Program;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::dualwrite::Dualwrite;
use super::receipts::Receipts;

const WATCH: u8 = b'w';
const PUBLISH: u8 = b'p';

/// Bytes of a version at the beginning of a frame.
const VERSION: usize = 8;

/// A frame of so many bytes.
pub(super) fn frame(version: u64, bytes: usize) -> Vec<u8> {
    let mut frame = version.to_be_bytes().to_vec();
    frame.resize(bytes.max(VERSION), b'.');
    frame
}

/// The version of a frame.
pub(super) fn version(frame: &[u8]) -> Result<u64> {
    let first = frame.first_chunk().context("a frame without its version")?;
    Ok(u64::from_be_bytes(*first))
}

/// A server that runs, and the connection that changes are told it on.
#[derive(Debug)]
pub(crate) struct Broadcast {
    process: Process,
    publisher: TcpStream,
    bytes: usize,
}

impl Broadcast {
    pub(super) async fn start() -> Result<Self> {
        let bytes = Dualwrite::bytes().await?;
        let process = Program::named("dualwrite-bench")?.arg("broadcast");
        let process = process.serve().await?;
        let publisher = connect(&process.ready().grpc).await?;
        Ok(Self {
            process,
            publisher,
            bytes,
        })
    }

    pub(super) const fn process(&self) -> &Process {
        &self.process
    }

    pub(super) async fn receive(
        &self,
        receipts: Arc<Receipts>,
        receivers: &mut JoinSet<Result<()>>,
    ) -> Result<()> {
        let mut stream = connect(&self.process.ready().grpc).await?;
        stream.write_u8(WATCH).await?;
        receivers.spawn(async move {
            loop {
                receipts.note(version(&read(&mut stream).await?)?);
            }
        });
        Ok(())
    }

    pub(super) async fn change(&mut self, version: u64) -> Result<()> {
        self.publisher.write_u8(PUBLISH).await?;
        write(&mut self.publisher, &frame(version, self.bytes)).await?;
        self.publisher.read_u8().await?;
        Ok(())
    }
}

async fn connect(address: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn read(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let length = stream.read_u32().await?;
    let mut frame = vec![0; usize::try_from(length)?];
    stream.read_exact(&mut frame).await?;
    Ok(frame)
}

async fn write(stream: &mut TcpStream, frame: &[u8]) -> Result<()> {
    let length = u32::try_from(frame.len())?.to_be_bytes();
    // In one send: two would be two packets.
    stream.write_all(&[&length, frame].concat()).await?;
    Ok(())
}

/// The server's process.
pub(crate) async fn serve(ready_file: &Path) -> Result<ExitCode> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let ready = format!("{{\"grpc\":\"{}\"}}", listener.local_addr()?);
    // Renamed once it is whole, since it is read as soon as it is there.
    let part = ready_file.with_extension("part");
    std::fs::write(&part, ready)?;
    std::fs::rename(&part, ready_file)?;
    let watchers = Arc::default();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(hear(stream, Arc::clone(&watchers)));
    }
}

async fn hear(mut stream: TcpStream, watchers: Arc<Mutex<Vec<TcpStream>>>) -> Result<()> {
    match stream.read_u8().await? {
        WATCH => {
            write(&mut stream, &frame(0, VERSION)).await?;
            watchers.lock().await.push(stream);
            return Ok(());
        }
        PUBLISH => {}
        other => bail!("{other} is neither watching nor publishing"),
    }
    loop {
        let frame = read(&mut stream).await?;
        for watcher in watchers.lock().await.iter_mut() {
            write(watcher, &frame).await?;
        }
        stream.write_u8(1).await?;
        stream.read_u8().await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_as_long_as_it_should_be_and_knows_its_version() {
        let frame = frame(7, 100);
        assert_eq!(frame.len(), 100);
        assert_eq!(version(&frame).unwrap(), 7);
        assert!(version(&frame[..7]).is_err());
    }
}
