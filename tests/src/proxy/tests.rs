use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::eventually::ends;
use crate::{Postgres, postgres};

/// A server that answers every piece with the same, and says what it got.
async fn echo() -> (String, tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let mut buffer = [0; 64];
                while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                    tell.send(buffer[..length].to_vec()).unwrap();
                    if stream.write_all(&buffer[..length]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, told)
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(("127.0.0.1", proxy.port()))
        .await
        .unwrap()
}

#[tokio::test]
async fn each_break_breaks_where_it_says() {
    let (address, mut got) = echo().await;
    let proxy = Proxy::to(&address).await.unwrap();
    let cases = [
        (Break::MidRequest, "abc", ""),
        (Break::BeforeAnswer, "abcdef", ""),
        (Break::MidAnswer, "abcdef", "abc"),
    ];
    for (once, received, answered) in cases {
        let mut stream = connect(&proxy).await;
        proxy.break_once(once);
        stream.write_all(b"abcdef").await.unwrap();
        let seen = ends("what arrives", got.recv()).await.unwrap();
        assert_eq!(String::from_utf8(seen).unwrap(), received, "{once:?}");
        let mut answer = Vec::new();
        // A reset is an error, after what came before it.
        let end = ends("the end", stream.read_to_end(&mut answer)).await;
        assert!(end.is_err(), "{once:?}: {end:?}");
        assert_eq!(String::from_utf8(answer).unwrap(), answered, "{once:?}");
        // What happens once has happened.
        let mut stream = connect(&proxy).await;
        stream.write_all(b"again").await.unwrap();
        assert_eq!(ends("the next", got.recv()).await.unwrap(), b"again");
    }
}

#[tokio::test]
async fn silence_holds_messages_back_until_it_ends() {
    let (address, mut got) = echo().await;
    let proxy = Proxy::to(&address).await.unwrap();
    let mut stream = connect(&proxy).await;
    proxy.weather(Weather::Silent);
    stream.write_all(b"late").await.unwrap();
    assert!(got.try_recv().is_err());
    proxy.heal();
    assert_eq!(ends("the message", got.recv()).await.unwrap(), b"late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tripwire_lets_the_commit_through_and_loses_its_answer() {
    let server = Postgres::with(postgres::Settings::default().tcp())
        .await
        .unwrap();
    let target = format!("127.0.0.1:{}", server.port().unwrap());
    let proxy = Proxy::to_postgres(&target).await.unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", proxy.port());
    let direct = server.connect("postgres").await.unwrap();
    direct
        .batch_execute("CREATE TABLE t (n int)")
        .await
        .unwrap();
    let cases = [(Moment::CommitUnknown, 1_i64), (Moment::Before, 1)];
    for (moment, rows) in cases {
        let client = postgres::connect(&url).await.unwrap();
        let insert = client
            .prepare("INSERT INTO t (n) VALUES ($1)")
            .await
            .unwrap();
        let (told, mut tripped) = tokio::sync::mpsc::channel(1);
        let wire = Tripwire::on(0, "INSERT INTO t", moment, told);
        proxy.lay(&wire);
        client.batch_execute("BEGIN").await.unwrap();
        let inserted = client.execute(&insert, &[&1]).await;
        assert_eq!(inserted.is_ok(), moment == Moment::CommitUnknown);
        assert!(client.batch_execute("COMMIT").await.is_err());
        ends("the wire", tripped.recv()).await.unwrap();
        crate::eventually("the rows that were committed", async || {
            let row = direct.query_one("SELECT count(*) FROM t", &[]).await;
            row.unwrap().get::<_, i64>(0) == rows
        })
        .await;
        proxy.take_all_away();
    }
}
