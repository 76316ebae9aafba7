//! What goes out on a session: messages that are encoded already.

use std::sync::Arc;

use bytes::{BufMut, Bytes};
use dualwrite_proto::v1;
use tonic::Status;
use tonic::codec::{BufferSettings, Codec, EncodeBuf, Encoder};
use tonic_prost::{ProstCodec, ProstDecoder};

/// Buffers of a session to start with, instead of tonic's 8 KiB: most of what
/// goes either way is a heartbeat, and there are thousands of sessions. They
/// grow with what they must hold.
const BUFFER: usize = 1024;

/// How much is put together into one send, as by default.
const YIELD_THRESHOLD: usize = 32 * 1024;

/// A `dualwrite.v1.SessionResponse`, encoded.
#[derive(Debug, Clone)]
pub(super) struct Frame(Bytes);

impl Frame {
    /// Bytes that others send as well.
    pub(super) fn shared(encoded: Arc<[u8]>) -> Self {
        Self(Bytes::from_owner(encoded))
    }

    /// Bytes of this session alone.
    pub(super) fn own(encoded: Vec<u8>) -> Self {
        Self(encoded.into())
    }
}

/// Frames go out, messages of sidecars come in.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrameCodec;

impl Codec for FrameCodec {
    type Encode = Frame;
    type Decode = v1::SessionRequest;
    type Encoder = FrameEncoder;
    type Decoder = ProstDecoder<v1::SessionRequest>;

    fn encoder(&mut self) -> Self::Encoder {
        FrameEncoder
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<v1::SessionResponse, _>::raw_decoder(buffers())
    }
}

/// Copies a frame to where it is sent from.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrameEncoder;

impl Encoder for FrameEncoder {
    type Item = Frame;
    type Error = Status;

    fn encode(&mut self, frame: Frame, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.reserve(frame.0.len());
        buffer.put(frame.0);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        buffers()
    }
}

fn buffers() -> BufferSettings {
    BufferSettings::new(BUFFER, YIELD_THRESHOLD)
}
