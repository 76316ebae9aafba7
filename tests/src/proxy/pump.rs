//! One connection: two directions, each passed on piece by piece.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::frames::{Frame, Frames};
use super::{Break, Moment, State, Tripwire, Weather};

/// How much is passed on at once.
const PIECE: usize = 16 * 1024;

/// What the whole connection ends by.
struct Over {
    /// By a reset, not in good order.
    reset: bool,
}

/// Passes on until one of both ends, or the weather does it.
pub(super) async fn run(near: TcpStream, far: TcpStream, state: &State, postgres: bool) {
    // A proxy that gathers small messages would be a fault of its own.
    drop(near.set_nodelay(true));
    drop(far.set_nodelay(true));
    let mut weather = state.weather.subscribe();
    let mut resets = state.resets.subscribe();
    resets.mark_unchanged();
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let mut there = Requests::new(near_in, far_out, state, postgres);
    let mut back = Answers {
        from: far_in,
        to: near_out,
        state,
    };
    let over = tokio::select! {
        over = there.pass() => over,
        over = back.pass() => over,
        _ = weather.wait_for(|weather| *weather == Weather::Cut) => Over { reset: false },
        _ = resets.changed() => Over { reset: true },
    };
    if over.reset {
        // Towards the sender alone: a reset would take back what the receiver has not read yet.
        // Whole again, since a half says goodbye in good order when it goes.
        let (Requests { from, .. }, Answers { to, .. }) = (there, back);
        if let Ok(near) = from.reunite(to) {
            drop(near.set_zero_linger());
        }
    }
}

struct Requests<'a> {
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    state: &'a State,
    frames: Option<Frames>,
    /// A wire whose statement was sent, and whose commit is awaited.
    committing: Option<Arc<Tripwire>>,
}

struct Answers<'a> {
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    state: &'a State,
}

impl<'a> Requests<'a> {
    fn new(from: OwnedReadHalf, to: OwnedWriteHalf, state: &'a State, postgres: bool) -> Self {
        Self {
            from,
            to,
            state,
            frames: postgres.then(Frames::default),
            committing: None,
        }
    }

    async fn pass(&mut self) -> Over {
        let mut buffer = vec![0; PIECE];
        loop {
            let Some(piece) = read(&mut self.from, &mut buffer).await else {
                return Over { reset: false };
            };
            pass_through(self.state).await;
            let lasting = [Break::MidRequest, Break::BeforeAnswer];
            match self.state.take_once(&lasting) {
                Some(Break::MidRequest) => {
                    let half = piece.get(..piece.len() / 2).unwrap_or_default();
                    drop(self.to.write_all(half).await);
                    return Over { reset: true };
                }
                Some(Break::BeforeAnswer) => {
                    drop(self.to.write_all(piece).await);
                    return Over { reset: true };
                }
                Some(Break::Reset | Break::MidAnswer) | None => {}
            }
            if let Some(over) = self.send(piece).await {
                return over;
            }
        }
    }

    async fn send(&mut self, piece: &[u8]) -> Option<Over> {
        let Some(frames) = &mut self.frames else {
            let sent = self.to.write_all(piece).await;
            return sent.is_err().then_some(Over { reset: false });
        };
        frames.feed(piece);
        let mut whole = Vec::new();
        while let Some(frame) = frames.next() {
            whole.push(frame);
        }
        for frame in whole {
            if let Some(over) = self.send_frame(frame).await {
                return Some(over);
            }
        }
        None
    }

    async fn send_frame(&mut self, frame: Frame) -> Option<Over> {
        if let Some(statement) = &frame.executes {
            if let Some(wire) = self.committing.take_if(|_| statement == "COMMIT") {
                drop(self.to.write_all(&frame.bytes).await);
                wire.tell(statement).await;
                return Some(Over { reset: true });
            }
            if let Some(wire) = self.caught(statement) {
                match wire.moment() {
                    Moment::Before => {
                        wire.tell(statement).await;
                        return Some(Over { reset: true });
                    }
                    Moment::Held => wire.tell(statement).await,
                    Moment::CommitUnknown => self.committing = Some(wire),
                }
            }
        }
        let sent = self.to.write_all(&frame.bytes).await;
        sent.is_err().then_some(Over { reset: false })
    }

    fn caught(&self, statement: &str) -> Option<Arc<Tripwire>> {
        let wires = self.state.lock_tripwires();
        let wire = wires.values().find(|wire| wire.catches(statement));
        wire.cloned()
    }
}

impl Answers<'_> {
    async fn pass(&mut self) -> Over {
        let mut buffer = vec![0; PIECE];
        loop {
            let Some(piece) = read(&mut self.from, &mut buffer).await else {
                return Over { reset: false };
            };
            pass_through(self.state).await;
            if self.state.take_once(&[Break::MidAnswer]).is_some() {
                let half = piece.get(..piece.len() / 2).unwrap_or_default();
                drop(self.to.write_all(half).await);
                return Over { reset: true };
            }
            if self.to.write_all(piece).await.is_err() {
                return Over { reset: false };
            }
        }
    }
}

async fn read<'b>(from: &mut OwnedReadHalf, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let length = from.read(buffer).await.ok().filter(|length| *length > 0)?;
    buffer.get(..length)
}

/// Waits as long as the weather says.
async fn pass_through(state: &State) {
    let mut weather = state.weather.subscribe();
    let slow = match *weather.borrow_and_update() {
        Weather::Slow(by) => Some(by),
        Weather::Clear | Weather::Cut | Weather::Silent => None,
    };
    if let Some(by) = slow {
        tokio::time::sleep(by).await;
    }
    drop(
        weather
            .wait_for(|weather| *weather != Weather::Silent)
            .await,
    );
}
