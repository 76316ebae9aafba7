//! Wrong usage: told with what would be right, and ended with 2.

use std::process::Output;

use anyhow::Result;
use dualwrite_tests::process::Program;

use crate::place::Place;

async fn run(arguments: &[&str]) -> Result<(Option<i32>, String)> {
    let output = Program::named("dualwrite-sidecar")?
        .args(arguments.iter().copied())
        .run()
        .await?;
    Ok((output.status.code(), errors(&output)))
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_wrong_url_is_told_without_its_password() -> Result<()> {
    let urls = [
        "mongodb://cart:secret@localhost/cart",
        "mysql://cart:secret@localhost",
        "postgres://cart:secret@localhost",
        "cart:secret@localhost/cart",
        "sqlite:///nowhere/secret-folder/../cart.db?mode=ro",
        "sqlite:///nowhere/cart.db",
    ];
    for url in urls {
        let (code, errors) = run(&["--service", "cart", "--new-url", url]).await?;
        assert_eq!(code, Some(2), "{url}: {errors}");
        assert!(errors.contains("--new-url"), "{url}: {errors}");
        assert!(!errors.contains("cart:secret"), "{url}: {errors}");
    }
    Ok(())
}

#[tokio::test]
async fn wrong_names_addresses_and_missing_flags_end_with_2() -> Result<()> {
    let place = Place::new().await?;
    let url = place.new.url();
    let wrong = [
        (vec![], "--service"),
        (vec!["--service", "cart"], "LEGACY_DATABASE_URL"),
        (vec!["--service", "Cart", "--new-url", &url], "lower case"),
        (
            vec!["--service", "cart", "--new-url", &url, "--legacy-url", &url],
            "same database",
        ),
        (
            vec![
                "--service",
                "cart",
                "--new-url",
                &url,
                "--listen",
                "0.0.0.0:0",
            ],
            "--insecure",
        ),
        (
            vec![
                "--service",
                "cart",
                "--new-url",
                &url,
                "--control-plane",
                "x",
            ],
            "--control-plane",
        ),
        (
            vec!["install", "--service", "cart", "--new-url", &url],
            "--manifest",
        ),
    ];
    for (arguments, word) in wrong {
        let (code, errors) = run(&arguments).await?;
        assert_eq!(code, Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(word), "{arguments:?}: {errors}");
    }
    Ok(())
}

#[tokio::test]
async fn installing_twice_changes_nothing_and_the_statements_can_be_read_before() -> Result<()> {
    let place = Place::new().await?;
    let printed = place.install(&["--print-sql"]).await?;
    let text = String::from_utf8_lossy(&printed.stdout).into_owned();
    for word in [
        "-- on the legacy database",
        "-- on the new database",
        "dualwrite_fence",
    ] {
        assert!(text.contains(word), "{text}");
    }
    // Printing has changed nothing; what was printed does the same as installing.
    for (side, file) in [("legacy", &place.legacy), ("new", &place.new)] {
        let heading = format!("-- on the {side} database");
        let own = text.split("-- on the ").find(|part| part.starts_with(side));
        let sql = own.map(|part| part.split_once('\n').map_or("", |(_, sql)| sql));
        file.execute(sql.unwrap_or_else(|| panic!("no `{heading}`")))
            .await?;
    }
    for _ in 0..2 {
        let output = place.install(&[]).await?;
        assert!(output.status.success(), "{}", errors(&output));
    }
    Ok(())
}

#[tokio::test]
async fn a_mapping_that_does_not_fit_names_the_column() -> Result<()> {
    let place = Place::new().await?;
    let text = std::fs::read_to_string(place.manifest())?;
    std::fs::write(
        place.manifest(),
        text.replace("legacy: owner", "legacy: ownr"),
    )?;
    let output = place.install(&[]).await?;
    assert_eq!(output.status.code(), Some(1));
    let errors = errors(&output);
    assert!(
        errors.contains("carts.ownr") && errors.contains("`owner`"),
        "{errors}"
    );

    std::fs::write(place.manifest(), text.replace("entities", "entitys"))?;
    let output = place.install(&[]).await?;
    assert_eq!(output.status.code(), Some(2), "{errors}");
    Ok(())
}

#[tokio::test]
async fn a_manifest_of_another_service_is_refused() -> Result<()> {
    let place = Place::new().await?;
    let text = std::fs::read_to_string(place.manifest())?;
    std::fs::write(
        place.manifest(),
        text.replace("name: cart\nspec", "name: order\nspec"),
    )?;
    let output = place.install(&[]).await?;
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("`order`"), "{}", errors(&output));
    Ok(())
}
