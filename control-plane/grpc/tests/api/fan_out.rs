//! Many receivers of one update.

use dualwrite_proto::v1;
use dualwrite_proto::v1::session_request::Kind as Say;
use futures_util::future::join_all;

use crate::support::{Plane, Session, hello};

/// Sessions of one connection: under the bound of streams, with room for calls.
const A_CONNECTION: usize = 250;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_receivers_share_one_encoding() {
    let plane = Plane::with_cart().await;
    // A thousand sessions are opened in more time than one may be silent.
    plane.stop_reconciling();
    let mut sessions = Vec::new();
    for connection in 0..4 {
        let channel = plane.channel().await;
        let opened = (0..A_CONNECTION).map(|number| {
            let instance = format!("cart-{connection}-{number}");
            Session::open(channel.clone(), hello("cart", &instance))
        });
        sessions.extend(join_all(opened).await);
    }
    for session in &mut sessions {
        assert_eq!(session.update().await.revision, 1);
        session.say(Say::Ack(v1::Ack { revision: 1 })).await;
    }
    assert_eq!(plane.sidecar_server.encoded_updates(), 1);

    plane.set_batch_size(7).await;
    for session in &mut sessions {
        assert_eq!(session.update().await.revision, 2);
    }
    assert_eq!(sessions.len(), 1000);
    assert_eq!(plane.sidecar_server.encoded_updates(), 2);
}
