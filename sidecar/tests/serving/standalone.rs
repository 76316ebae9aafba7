//! Without a control plane: the environment says the phase, and the databases
//! have the last word.

use anyhow::Result;
use dualwrite_proto::v1::Outcome;
use dualwrite_tests::process::Program;
use dualwrite_tests::{Process, eventually};

use crate::place::{Place, client, upsert};

fn program(place: &Place, primary: &str) -> Result<Program> {
    let program = place.program("run")?;
    Ok(program
        .arg("--standalone")
        .arg("--manifest")
        .arg(place.manifest())
        .args(["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"])
        .env("CART_DUAL_WRITE_ENABLED", "True")
        .env("DUAL_WRITE_ENABLED", "false")
        .env("DUAL_WRITE_TO_LEGACY", "true")
        .env("DUAL_WRITE_TO_NEW", "true")
        .env("DUAL_WRITE_PRIMARY", primary))
}

/// Writes a row and waits for its copy.
async fn copies(place: &Place, process: &Process, id: i64) -> Result<()> {
    let client = client(format!("http://{}", process.ready().grpc)).await?;
    let reply = eventually("it takes writes", async || {
        client.clone().write(upsert(id, "ada")).await
    })
    .await
    .into_inner();
    assert_eq!(
        (reply.legacy(), reply.new()),
        (Outcome::Committed, Outcome::Pending)
    );
    eventually("the copy is there", async || {
        let mut reader = place.new.connect().await?;
        let found: Option<String> = sqlx::query_scalar("SELECT user_id FROM cart WHERE id = ?")
            .bind(id)
            .fetch_optional(&mut reader)
            .await?;
        anyhow::ensure!(found.as_deref() == Some("ada"), "{found:?}");
        Ok(())
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn it_creates_the_fences_copies_restarts_and_refuses_another_phase() -> Result<()> {
    let place = Place::new().await?;
    let mut process = program(&place, "legacy")?.serve().await?;
    copies(&place, &process, 7).await?;
    process.terminate().await?;

    let mut again = program(&place, "legacy")?.serve().await?;
    copies(&place, &again, 8).await?;
    again.terminate().await?;

    let refused = program(&place, "new")?.run().await?;
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    for word in ["phase new_primary", "dual_write", "never changes the phase"] {
        assert!(said.contains(word), "{said}");
    }
    assert!(!said.contains("\"serving\""), "{said}");

    let text = std::fs::read_to_string(place.manifest())?;
    std::fs::write(place.manifest(), text.replace("      root: true\n", ""))?;
    let refused = program(&place, "legacy")?.run().await?;
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("other entities"), "{said}");
    Ok(())
}

#[tokio::test]
async fn the_patterns_own_phases_are_ambiguous_without_a_primary() -> Result<()> {
    let place = Place::new().await?;
    let refused = program(&place, "")?.run().await?;
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("Set DUAL_WRITE_PRIMARY"), "{said}");
    Ok(())
}
